import { constants } from 'node:fs';
import { type Disk, nameOf, parentOf } from './disk.ts';
import type { Inode } from './inode.ts';
import { Stat, type StatOptions, statOf } from './stat.ts';

/** What happens to a call beside what it is asked for. `short`: a write that takes a part of the bytes. */
export type Fate = 'well' | 'dies after it' | 'fails after it' | 'short';

/** The one who makes the calls, and everything around it that can go wrong. */
export interface Caller {
  readonly disk: Disk;
  /** Before each call; throws where the process dies here, or the call fails. */
  before(call: string, path: string): Fate;
  /** After a call that has taken effect; throws where the process dies now, or the call fails all the same. */
  after(fate: Fate, call: string, path: string): void;
  /** An error as this process knows it. */
  error(code: string, call: string, path: string): Error;
  /** Calls back as soon as the schedule wants it so. */
  later(label: string, run: () => void): void;
  /** Whether this fsync fails; null if it does well. */
  syncFailure(path: string): Error | null;
  /** What the kernel tells of processes; undefined for every other path. */
  kernelFile(path: string): string | undefined;
}

interface Open {
  inode: Inode;
  path: string;
  position: number;
}

const NOT_HERE = new Set(['ENOENT']);

/** The calls of `node:fs` that this program makes, on a simulated disk; whatever else is called is missing, and says so. */
export class FileCalls {
  readonly #caller: Caller;
  readonly #open = new Map<number, Open>();
  #next = 10;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** A new process holds nothing open. */
  reset(): void {
    this.#open.clear();
    this.#next = 10;
  }

  readonly module = {
    constants,
    openSync: (path: string, flags: string | number = 'r', mode = 0o666): number => {
      const fate = this.#caller.before('open', path);
      const bits = typeof flags === 'number' ? flags : FLAGS[flags];
      if (bits === undefined) throw new Error(`flags ${flags} are not simulated`);
      const inode = this.#inodeToOpen(path, bits, mode);
      const descriptor = this.#next++;
      this.#open.set(descriptor, { inode, path, position: 0 });
      this.#caller.after(fate, 'open', path);
      return descriptor;
    },
    closeSync: (descriptor: number): void => {
      const path = this.#open.get(descriptor)?.path ?? '';
      const fate = this.#caller.before('close', path);
      if (!this.#open.delete(descriptor)) throw this.#caller.error('EBADF', 'close', path);
      this.#caller.after(fate, 'close', path);
    },
    writeSync: (descriptor: number, data: string | Uint8Array, offset: number | null = 0, length?: number, position?: number | null): number => {
      const open = this.#opened(descriptor, 'write');
      const fate = this.#caller.before('write', open.path);
      const all = typeof data === 'string' ? Buffer.from(data) : asBuffer(data).subarray(offset ?? 0, (offset ?? 0) + (length ?? data.length));
      const bytes = fate === 'short' ? all.subarray(0, Math.ceil(all.length / 2)) : all;
      // Where a text is written, the third argument is the position.
      const at = typeof data === 'string' ? offset : (position ?? null);
      this.#caller.disk.write(open.inode, bytes, at ?? open.position);
      open.position = (at ?? open.position) + bytes.length;
      this.#caller.after(fate, 'write', open.path);
      return bytes.length;
    },
    readSync: (descriptor: number, buffer: Uint8Array, offset = 0, length = buffer.length, position: number | null = null): number => {
      const open = this.#opened(descriptor, 'read');
      const fate = this.#caller.before('read', open.path);
      const from = position ?? open.position;
      const part = open.inode.bytes.subarray(from, from + length);
      buffer.set(part, offset);
      if (position === null) open.position += part.length;
      this.#caller.after(fate, 'read', open.path);
      return part.length;
    },
    fsyncSync: (descriptor: number): void => {
      const { inode, path } = this.#opened(descriptor, 'fsync');
      const fate = this.#caller.before('fsync', path);
      this.#sync(inode, path);
      this.#caller.after(fate, 'fsync', path);
    },
    fsync: (descriptor: number, done: (error: Error | null) => void): void => {
      const { inode, path } = this.#opened(descriptor, 'fsync');
      const fate = this.#caller.before('fsync', path);
      this.#caller.later(`fsync ${path}`, () => {
        let failure: Error | null = null;
        try {
          this.#sync(inode, path);
        } catch (error) {
          failure = error as Error;
        }
        done(failure);
      });
      this.#caller.after(fate, 'fsync', path);
    },
    linkSync: (from: string, to: string): void => {
      const fate = this.#caller.before('link', to);
      const inode = this.#existing(from, 'link');
      this.#folderOf(to, 'link');
      if (this.#caller.disk.find(to)) throw this.#caller.error('EEXIST', 'link', to);
      this.#caller.disk.link(inode, to);
      this.#caller.after(fate, 'link', to);
    },
    unlinkSync: (path: string): void => {
      const fate = this.#caller.before('unlink', path);
      if (this.#existing(path, 'unlink').kind === 'folder') throw this.#caller.error('EISDIR', 'unlink', path);
      this.#caller.disk.unlink(path);
      this.#caller.after(fate, 'unlink', path);
    },
    renameSync: (from: string, to: string): void => {
      const fate = this.#caller.before('rename', to);
      this.#existing(from, 'rename');
      this.#folderOf(to, 'rename');
      if (this.#caller.disk.find(to)?.kind === 'folder') throw this.#caller.error('EEXIST', 'rename', to);
      this.#caller.disk.rename(from, to);
      this.#caller.after(fate, 'rename', to);
    },
    symlinkSync: (target: string, path: string): void => {
      const fate = this.#caller.before('symlink', path);
      this.#folderOf(path, 'symlink');
      if (this.#caller.disk.find(path)) throw this.#caller.error('EEXIST', 'symlink', path);
      this.#caller.disk.create('link', path, 0o777).target = target;
      this.#caller.after(fate, 'symlink', path);
    },
    readlinkSync: (path: string): string => {
      const kernel = this.#caller.kernelFile(path);
      if (kernel !== undefined) return kernel;
      const fate = this.#caller.before('readlink', path);
      const inode = this.#existing(path, 'readlink');
      if (inode.kind !== 'link') throw this.#caller.error('EINVAL', 'readlink', path);
      this.#caller.after(fate, 'readlink', path);
      return inode.target;
    },
    mkdirSync: (path: string, { mode = 0o777 }: { mode?: number } = {}): void => {
      const fate = this.#caller.before('mkdir', path);
      this.#folderOf(path, 'mkdir');
      if (this.#caller.disk.find(path)) throw this.#caller.error('EEXIST', 'mkdir', path);
      this.#caller.disk.create('folder', path, mode);
      this.#caller.after(fate, 'mkdir', path);
    },
    readdirSync: (path: string, options?: { withFileTypes?: boolean }): unknown[] => {
      const fate = this.#caller.before('readdir', path);
      const folder = this.#existing(path, 'readdir');
      if (folder.kind !== 'folder') throw this.#caller.error('ENOTDIR', 'readdir', path);
      const names = [...folder.entries.keys()];
      this.#caller.after(fate, 'readdir', path);
      if (!options?.withFileTypes) return names;
      return [...folder.entries].map(([name, inode]) => Object.assign(new Stat(inode), { name }));
    },
    lstatSync: (path: string, options?: StatOptions) => this.#stat('lstat', path, options),
    statSync: (path: string, options?: StatOptions) => this.#stat('stat', path, options),
    fstatSync: (descriptor: number, options?: StatOptions) => {
      const { inode, path } = this.#opened(descriptor, 'fstat');
      const fate = this.#caller.before('fstat', path);
      this.#caller.after(fate, 'fstat', path);
      return statOf(inode, options?.bigint ?? false);
    },
    existsSync: (path: string): boolean => {
      this.#caller.before('stat', path);
      return this.#caller.disk.find(path) !== null;
    },
    utimesSync: (path: string, _: unknown, modified: Date | number): void => {
      const fate = this.#caller.before('utimes', path);
      this.#caller.disk.touch(this.#existing(path, 'utimes'), Number(modified) * (typeof modified === 'number' ? 1000 : 1));
      this.#caller.after(fate, 'utimes', path);
    },
    chmodSync: (path: string, mode: number): void => {
      const fate = this.#caller.before('chmod', path);
      const inode = this.#existing(path, 'chmod');
      inode.mode = mode;
      this.#caller.disk.touch(inode, null);
      this.#caller.after(fate, 'chmod', path);
    },
    fchmodSync: (descriptor: number, mode: number): void => {
      const { inode, path } = this.#opened(descriptor, 'fchmod');
      const fate = this.#caller.before('fchmod', path);
      inode.mode = mode;
      this.#caller.after(fate, 'fchmod', path);
    },
    readFileSync: (path: string | number, encoding?: string): string | Buffer => {
      if (typeof path === 'number') throw new Error('reading a descriptor to its end is not simulated');
      const kernel = this.#caller.kernelFile(path);
      if (kernel !== undefined) return kernel;
      const fate = this.#caller.before('read', path);
      const { bytes, kind } = this.#existing(path, 'open');
      if (kind === 'folder') throw this.#caller.error('EISDIR', 'read', path);
      this.#caller.after(fate, 'read', path);
      return encoding === undefined ? Buffer.from(bytes) : bytes.toString('utf8');
    },
    writeFileSync: (path: string, data: string | Uint8Array, { mode = 0o666, flag = 'w' }: { mode?: number; flag?: string } = {}): void => {
      const descriptor = this.module.openSync(path, flag, mode);
      try {
        this.module.writeSync(descriptor, data);
      } finally {
        this.module.closeSync(descriptor);
      }
    },
    rmSync: (path: string, { force = false }: { force?: boolean } = {}): void => {
      try {
        this.module.unlinkSync(path);
      } catch (error) {
        if (!force || !NOT_HERE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }
    },
    realpathSync: (path: string): string => path,
    chownSync: (): void => {},
  };

  #sync(inode: Inode, path: string): void {
    const failure = this.#caller.syncFailure(path);
    if (failure) {
      this.#caller.disk.failSync(inode);
      throw failure;
    }
    this.#caller.disk.sync(inode);
  }

  #stat(call: string, path: string, { bigint = false, throwIfNoEntry = true }: StatOptions = {}): unknown {
    const fate = this.#caller.before(call, path);
    const inode = this.#caller.disk.find(path);
    if (!inode && !throwIfNoEntry) return undefined;
    const found = this.#existing(path, call);
    this.#caller.after(fate, call, path);
    return statOf(found, bigint);
  }

  #inodeToOpen(path: string, bits: number, mode: number): Inode {
    const { disk } = this.#caller;
    const folder = this.#folderOf(path, 'open');
    const found = folder.entries.get(nameOf(path));
    if (!found) {
      if (!(bits & constants.O_CREAT)) throw this.#caller.error('ENOENT', 'open', path);
      return disk.create('file', path, mode);
    }
    if (bits & constants.O_CREAT && bits & constants.O_EXCL) throw this.#caller.error('EEXIST', 'open', path);
    if (found.kind === 'link') throw this.#caller.error('ELOOP', 'open', path);
    if (found.kind === 'folder' && bits & (constants.O_WRONLY | constants.O_RDWR)) throw this.#caller.error('EISDIR', 'open', path);
    if (found.kind === 'file' && bits & constants.O_DIRECTORY) throw this.#caller.error('ENOTDIR', 'open', path);
    if (bits & constants.O_TRUNC) disk.truncate(found);
    return found;
  }

  #opened(descriptor: number, call: string): Open {
    const open = this.#open.get(descriptor);
    if (!open) throw this.#caller.error('EBADF', call, String(descriptor));
    return open;
  }

  #existing(path: string, call: string): Inode {
    const found = this.#caller.disk.find(path);
    if (!found) throw this.#caller.error('ENOENT', call, path);
    return found;
  }

  #folderOf(path: string, call: string): Inode {
    const folder = this.#caller.disk.folder(parentOf(path));
    if (!folder) throw this.#caller.error('ENOENT', call, path);
    return folder;
  }
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_TRUNC } = constants;
const FLAGS: Record<string, number> = { r: O_RDONLY, w: O_WRONLY | O_CREAT | O_TRUNC, wx: O_WRONLY | O_CREAT | O_EXCL | O_TRUNC };

const asBuffer = (data: Uint8Array): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
