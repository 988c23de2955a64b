import { constants } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../model/errors.ts';
import type { Publication } from '../model/publication.ts';
import { ringBell } from './bell.ts';
import { BEFORE_RECEIPTS, Causes } from './causes.ts';
import { ClosedDays } from './closed-days.ts';
import { type FileSystem, readRegular, realFileSystem, stateError, syncFolder } from './files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from './layout.ts';
import { MadeFolders } from './made-folders.ts';
import { closeQuietly, Temporaries } from './temporaries.ts';

/**
 * `created`: the file is there now, and durable. `same`: it was there already with these very bytes.
 * `differs`: the name stands for other content; that is the fact. `skipped`: something before it in its chain differs.
 * `closed`: its day is sealed, and nothing was written.
 */
export type Published = 'created' | 'same' | 'differs' | 'skipped' | 'closed';

export interface ChainedPublication {
  /** Publications of one chain cause each other in their order. */
  chain: string;
  publication: Publication;
}

/** Files that one call keeps open at once: several calls together stay well below the usual limit of 1,024. */
const OPEN_AT_ONCE = 96;

/**
 * Makes artifacts appear: whole, durable, once, never over another. A temporary file is written and synced outside of
 * every scan, linked to its final name, and the folder is synced; without that last step a power cut can take the name
 * back. After a failed fsync the file is given up: a second fsync may report success with the data gone.
 */
export class Publisher {
  readonly #layout: Layout;
  readonly #io: FileSystem;
  readonly #folders: MadeFolders;
  readonly #temporaries: Temporaries;
  readonly #causes = new Causes();
  readonly #closed: ClosedDays;
  /** Calls of {@link publishAll} that are under way. */
  #underWay = 0;
  /** Resolves when the links of the batch before are made: names appear in the order of the calls, however long syncing takes. */
  #turn: Promise<void> = Promise.resolve();

  /** `nonce` is part of every temporary name, so that processes do not meet. */
  constructor(layout: Layout, nonce: string, io: FileSystem = realFileSystem) {
    this.#layout = layout;
    this.#io = io;
    this.#folders = new MadeFolders(io);
    this.#temporaries = new Temporaries(layout, nonce, io, this.#folders);
    this.#closed = new ClosedDays(layout);
  }

  /** The newest day to which nothing is added any more; empty if there is none. */
  closedThrough(): string {
    return this.#closed.through();
  }

  /** One file, with plain synchronous calls: cheapest for one or two. Throws `state_io`; then nothing was published, or a later read shows it. */
  publishOne(publication: Publication): Published {
    if (publication.day <= this.#closed.through()) return this.#whatStands(publication);
    const folder = this.#folderOf(publication);
    const temporary = this.#temporaries.name();
    let result: Published;
    try {
      this.#temporaries.writeSynced(temporary, publication.bytes);
      result = this.#link(temporary, folder, publication);
    } finally {
      this.#temporaries.discard(temporary);
    }
    this.#syncFolder(folder);
    for (const path of this.#unsyncedCauses([{ chain: '', publication }])) this.#syncFolder(path);
    if (result === 'created' || result === 'same') this.#causes.areDurable([publication]);
    ringBell(this.#io, this.#layout);
    return this.#withoutLeftOut([result], [publication])[0] as Published;
  }

  /**
   * Many files behind one barrier: all are written, synced side by side, linked in order, and every folder is synced
   * once. When the promise resolves, all that is `created` or `same` is durable. Results are in the order of the input.
   * Several calls may be under way at once: one syncs while the next one writes.
   */
  async publishAll(items: readonly ChainedPublication[]): Promise<Published[]> {
    const [first] = items;
    if (first === undefined) return [];
    // Nobody else's links have to come first, and handing one file to other threads takes longer than writing it.
    if (items.length === 1 && this.#underWay === 0) return [this.publishOne(first.publication)];
    const closed = this.#closed.through();
    if (items.some(({ publication }) => publication.day <= closed)) return this.#publishOpen(items, closed);
    const folders = items.map(({ publication }) => this.#folderOf(publication));
    const temporaries: string[] = [];
    this.#underWay++;
    const turn = this.#turn;
    let giveTurn = (): void => {};
    this.#turn = new Promise((resolve) => {
      giveTurn = resolve;
    });
    try {
      for (let i = 0; i < items.length; i += OPEN_AT_ONCE) await this.#writeAndSync(items.slice(i, i + OPEN_AT_ONCE), temporaries);
      await turn;
      const results: Published[] = [];
      const broken = new Set<string>();
      items.forEach(({ chain, publication }, i) => {
        const result = broken.has(chain) ? 'skipped' : this.#link(temporaries[i] as string, folders[i] as string, publication);
        if (result === 'differs') broken.add(chain);
        results.push(result);
      });
      giveTurn();
      await this.#syncFolders(new Set([...folders, ...this.#unsyncedCauses(items)]));
      this.#causes.areDurable(items.flatMap(({ publication }, i) => (results[i] === 'created' || results[i] === 'same' ? [publication] : [])));
      ringBell(this.#io, this.#layout);
      return this.#withoutLeftOut(
        results,
        items.map(({ publication }) => publication),
      );
    } finally {
      this.#underWay--;
      giveTurn();
      for (const temporary of temporaries) this.#temporaries.discard(temporary);
    }
  }

  /** Whether these very bytes stand under this name. Throws `state_io` where that cannot be read. */
  isThere({ stage, day, file, bytes }: Publication): boolean {
    const read = readRegular(this.#io, join(this.#layout.day(stage, day), file), MAX_ARTIFACT_BYTES);
    return read.kind === 'bytes' && Buffer.from(bytes).equals(read.bytes);
  }

  /** What others have linked there can be seen before it is durable; after this it is, with what caused it. Throws `state_io`. */
  syncDays(stage: 'events' | 'receipts', days: Iterable<string>): void {
    const closed = this.#closed.through();
    for (const day of new Set(days)) {
      if (day <= closed) continue;
      for (const other of stage === 'receipts' ? [...BEFORE_RECEIPTS, stage] : [stage]) {
        const folder = this.#layout.day(other, day);
        if (this.#isThereAtAll(folder)) this.#syncFolder(folder);
      }
    }
  }

  /** Those whose day is open; the others, and what comes after them in their chains, are left out. */
  async #publishOpen(items: readonly ChainedPublication[], closed: string): Promise<Published[]> {
    const shut = new Set(items.flatMap(({ chain, publication }) => (publication.day <= closed ? [chain] : [])));
    const open = items.filter(({ chain }) => !shut.has(chain));
    const results = await this.publishAll(open);
    return items.map((item) => {
      const i = open.indexOf(item);
      return i < 0 ? this.#whatStands(item.publication) : (results[i] as Published);
    });
  }

  /** In a sealed day. */
  #whatStands(publication: Publication): Published {
    return this.isThere(publication) ? 'same' : 'closed';
  }

  /** Where a seal was made while these were written, and does not name one of them, that is taken away again before anybody was told of it. */
  #withoutLeftOut(results: Published[], publications: readonly Publication[]): Published[] {
    const closed = this.#closed.through();
    return results.map((result, i) => {
      const publication = publications[i] as Publication;
      return result === 'created' && publication.day <= closed && this.#isLeftOut(publication) ? 'closed' : result;
    });
  }

  /** In a closed day nobody will ever look at what its seal does not name. */
  #isLeftOut({ day, stage, file }: Publication): boolean {
    if (this.#closed.names(day, `${stage}/${day}/${file}`) !== false) return false;
    this.#temporaries.discard(join(this.#layout.day(stage, day), file));
    return true;
  }

  async #writeAndSync(items: readonly ChainedPublication[], temporaries: string[]): Promise<void> {
    const descriptors: number[] = [];
    const first = temporaries.length;
    try {
      for (const { publication } of items) {
        const path = this.#temporaries.name();
        temporaries.push(path);
        descriptors.push(this.#temporaries.write(path, publication.bytes));
      }
      await this.#syncAll(descriptors, temporaries.slice(first));
    } finally {
      for (const descriptor of descriptors) closeQuietly(this.#io, descriptor);
    }
  }

  #folderOf({ stage, day }: Publication): string {
    const folder = this.#layout.day(stage, day);
    this.#folders.make(folder);
    return folder;
  }

  #link(temporary: string, folder: string, publication: Publication): Published {
    // Not join(): for thousands of files that is a good part of the work.
    const path = `${folder}/${publication.file}`;
    try {
      this.#linkOnce(temporary, folder, path);
      return 'created';
    } catch (error) {
      // An error after link() may still mean that it was done; what lies there now is the fact.
      const existing = readRegular(this.#io, path, MAX_ARTIFACT_BYTES);
      if (existing.kind === 'bytes')
        return Buffer.from(publication.bytes).equals(existing.bytes) ? (isErrno(error, 'EEXIST') ? 'same' : 'created') : 'differs';
      if (existing.kind === 'bad') return 'differs';
      throw stateError('publish', path, error);
    }
  }

  #linkOnce(temporary: string, folder: string, path: string): void {
    try {
      this.#io.linkSync(temporary, path);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
      this.#folders.forget(folder);
      this.#folders.make(folder);
      this.#io.linkSync(temporary, path);
    }
  }

  /** One promise for all of them: each costs as much as a good part of the call. */
  async #syncAll(descriptors: readonly number[], paths: readonly string[]): Promise<void> {
    const results: (Error | null)[] = [];
    await new Promise<void>((resolve) => {
      let left = descriptors.length;
      const done = (i: number, error: Error | null): void => {
        results[i] = error;
        if (--left === 0) resolve();
      };
      if (left === 0) resolve();
      for (const [i, descriptor] of descriptors.entries()) this.#io.fsync(descriptor, (error) => done(i, error));
    });
    results.forEach((error, i) => {
      if (error) throw stateError('sync', paths[i] as string, error);
    });
  }

  /** Folders of causes that somebody else has linked. */
  #unsyncedCauses(items: readonly ChainedPublication[]): string[] {
    const places = this.#causes.unsynced(items.map(({ publication }) => publication));
    const folders = new Set(places.map(({ stage, day }) => this.#layout.day(stage, day)));
    return [...folders].filter((folder) => this.#isThereAtAll(folder));
  }

  #isThereAtAll(folder: string): boolean {
    try {
      return this.#io.statSync(folder).isDirectory();
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return false;
      throw stateError('read', folder, error);
    }
  }

  async #syncFolders(folders: ReadonlySet<string>): Promise<void> {
    const paths = [...folders];
    const descriptors: number[] = [];
    try {
      for (const path of paths) descriptors.push(this.#io.openSync(path, constants.O_RDONLY | constants.O_DIRECTORY));
      await this.#syncAll(descriptors, paths);
    } catch (error) {
      throw stateError('sync', paths[descriptors.length] ?? this.#layout.root, error);
    } finally {
      for (const descriptor of descriptors) closeQuietly(this.#io, descriptor);
    }
  }

  #syncFolder(folder: string): void {
    try {
      syncFolder(this.#io, folder);
    } catch (error) {
      throw stateError('sync', folder, error);
    }
  }
}
