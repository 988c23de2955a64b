import { constants } from 'node:fs';
import { isErrno } from '../model/errors.ts';
import { type FileSystem, groupWritesIn, stateError, writeFully } from './files.ts';
import type { Layout } from './layout.ts';
import type { MadeFolders } from './made-folders.ts';

const PRIVATE = 0o600;
/** Others of the group may read an artifact; nobody may write one. */
const SHARED = 0o640;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
let count = 0;

/** Files outside of every scan, written before they get their name. A leftover is swept away later. */
export class Temporaries {
  readonly #layout: Layout;
  readonly #nonce: string;
  readonly #io: FileSystem;
  readonly #folders: MadeFolders;
  #shared: boolean | undefined;

  constructor(layout: Layout, nonce: string, io: FileSystem, folders: MadeFolders) {
    this.#layout = layout;
    this.#nonce = nonce;
    this.#io = io;
    this.#folders = folders;
  }

  /** A path that no other file of any process has. */
  name(): string {
    this.#folders.make(this.#layout.temporaries);
    return `${this.#layout.temporaries}/${process.pid}-${this.#nonce}-${++count}`;
  }

  writeSynced(path: string, text: string): void {
    const descriptor = this.write(path, text);
    try {
      this.#io.fsyncSync(descriptor);
    } catch (error) {
      throw stateError('sync', path, error);
    } finally {
      closeQuietly(this.#io, descriptor);
    }
  }

  /** Returns the descriptor, still open: what was written is not synced yet. */
  write(path: string, text: string): number {
    let descriptor: number | undefined;
    try {
      descriptor = this.#open(path);
      if (this.#isShared()) this.#io.fchmodSync(descriptor, SHARED);
      writeFully(this.#io, descriptor, Buffer.from(text));
      return descriptor;
    } catch (error) {
      if (descriptor !== undefined) closeQuietly(this.#io, descriptor);
      throw stateError('write', path, error);
    }
  }

  discard(path: string): void {
    try {
      this.#io.unlinkSync(path);
    } catch {
      // Nothing depends on it.
    }
  }

  /** A folder that somebody removed since it was made is made again, once. */
  #open(path: string): number {
    try {
      return this.#io.openSync(path, NEW_FILE, PRIVATE);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      this.#folders.forgetAll();
      this.#folders.make(this.#layout.temporaries);
      return this.#io.openSync(path, NEW_FILE, PRIVATE);
    }
  }

  /** Whether several users write to this state: those of the group of its folder. */
  #isShared(): boolean {
    this.#shared ??= groupWritesIn(this.#io, this.#layout.root);
    return this.#shared;
  }
}

/** Linux lets go of a descriptor even if close() fails, and what it held was synced before: there is nothing to mend. */
export function closeQuietly(io: FileSystem, descriptor: number): void {
  try {
    io.closeSync(descriptor);
  } catch {
    // Closing it once more could close somebody else's.
  }
}
