import { accessSync, constants, lstatSync, readdirSync } from 'node:fs';
import { STAGES } from '../../model/artifacts.ts';
import { isErrno } from '../../model/errors.ts';
import { nameOfFile } from '../../model/names.ts';
import { listFolder } from '../../store/folder.ts';
import type { Layout } from '../../store/layout.ts';
import type { FolderMemory } from './folder-memory.ts';
import { folderIn, type ObjectReader, type Tree, treeName } from './trees.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Flat folders, and what belongs into each. */
const FLAT = { seals: /^\d{4}-\d{2}-\d{2}\.sha256(\.sig)?$/, archives: /^\d{4}-\d{2}-\d{2}\.tar\.gz$/ } as const;
/** Git takes no path with such a part, and nobody means one. */
const GITS_OWN = /^\.?git(~\d+)?$/i;
const MAX_DEPTH = 16;

/** The folders below `state/` that belong into a commit. */
export const COMMITTED_FOLDERS: readonly string[] = [...STAGES, ...Object.keys(FLAT), 'subjects', 'quarantine'];

export interface Unrecorded {
  /** Below `state/`: what the last commit does not have, and subject records that may differ from it. */
  paths: string[];
  /** Files that cannot be read, or are none: left out. */
  unreadable: string[];
  /** When the folders of what was found had changed before they were listed. */
  changed_ms: Map<string, number>;
}

/**
 * Compares names on disk with the names in the last commit. What is new is found without an index and without a look at files that are
 * committed already: artifacts never change, so that a name says enough.
 */
export class UnrecordedSearch {
  readonly #layout: Layout;
  readonly #objects: ObjectReader;
  readonly #memory: FolderMemory;
  readonly #found: Unrecorded = { paths: [], unreadable: [], changed_ms: new Map() };

  constructor(layout: Layout, objects: ObjectReader, memory: FolderMemory) {
    this.#layout = layout;
    this.#objects = objects;
    this.#memory = memory;
  }

  /** `folders` are those of {@link COMMITTED_FOLDERS} that git does not ignore; `state` is their tree in the last commit. */
  async run(state: Tree, folders: ReadonlySet<string>): Promise<Unrecorded> {
    for (const stage of STAGES) if (folders.has(stage)) await this.#stage(stage, state);
    for (const [folder, pattern] of Object.entries(FLAT)) {
      if (folders.has(folder)) await this.#folder(folder, folderIn(state, folder), (name) => pattern.test(name));
    }
    if (folders.has('subjects')) await this.#subjects(folderIn(state, 'subjects'));
    if (folders.has('quarantine')) await this.#anything('quarantine', folderIn(state, 'quarantine'), 0);
    return this.#found;
  }

  async #stage(stage: (typeof STAGES)[number], state: Tree): Promise<void> {
    const days = await this.#entries(folderIn(state, stage));
    for (const day of listFolder(this.#layout.stage(stage))) {
      const compactDay = day.replaceAll('-', '');
      if (DAY.test(day)) await this.#folder(`${stage}/${day}`, folderIn(days, day), (name) => nameOfFile(stage, compactDay, name) !== null);
    }
  }

  /** Files of one folder that its tree does not have. */
  async #folder(folder: string, oid: string | undefined, belongs: (name: string) => boolean): Promise<void> {
    const changed_ms = this.#changed(folder);
    if (changed_ms === null || this.#memory.knows(folder, changed_ms, oid)) return;
    const recorded = await this.#entries(oid);
    const fresh = listFolder(this.#layout.at(folder)).filter((name) => belongs(name) && !recorded.has(treeName(name)));
    this.#found.changed_ms.set(folder, changed_ms);
    for (const name of fresh) this.#add(`${folder}/${name}`);
    if (fresh.length === 0 && oid !== undefined) this.#memory.learn(folder, changed_ms, oid);
  }

  /** Records are replaced by renaming: whatever changed since the folder was looked at last has a later time of change. */
  async #subjects(oid: string | undefined): Promise<void> {
    const folder = 'subjects';
    const changed_ms = this.#changed(folder);
    if (changed_ms === null || this.#memory.knows(folder, changed_ms, oid)) return;
    const recorded = await this.#entries(oid);
    const since_ms = this.#memory.since_ms(folder, changed_ms, oid);
    this.#found.changed_ms.set(folder, changed_ms);
    for (const name of listFolder(this.#layout.subjects)) {
      if (!name.endsWith('.json') || name.startsWith('.')) continue;
      const path = `${folder}/${name}`;
      if (!recorded.has(treeName(name)) || (this.#changed(path, 'file') ?? 0) >= since_ms) this.#add(path);
    }
  }

  /** Whatever lies in quarantine, folders with all that is in them: only names of our own making are flat. */
  async #anything(folder: string, oid: string | undefined, depth: number): Promise<void> {
    const changed_ms = this.#changed(folder);
    if (changed_ms === null || depth > MAX_DEPTH) return;
    const recorded = await this.#entries(oid);
    for (const entry of readdirSync(this.#layout.at(folder), { withFileTypes: true })) {
      if (GITS_OWN.test(entry.name) || entry.name.includes('\ufffd')) continue;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) await this.#anything(path, folderIn(recorded, entry.name), depth + 1);
      else if (!recorded.has(treeName(entry.name))) this.#add(path, 'or a link');
    }
  }

  #add(path: string, what: 'a file' | 'or a link' = 'a file'): void {
    const file = this.#layout.at(path);
    try {
      const stat = lstatSync(file);
      if (stat.isSymbolicLink() && what === 'or a link') this.#found.paths.push(path);
      else if (!stat.isFile()) this.#found.unreadable.push(path);
      else {
        accessSync(file, constants.R_OK);
        this.#found.paths.push(path);
      }
    } catch (error) {
      // It went away meanwhile: packed into an archive, or moved to quarantine.
      if (!isErrno(error, 'ENOENT')) this.#found.unreadable.push(path);
    }
  }

  async #entries(oid: string | undefined): Promise<Tree> {
    if (oid === undefined) return new Map();
    return (await this.#objects.tree(oid)).entries;
  }

  /** When it changed; null if it is not there, or something else. */
  #changed(path: string, what: 'folder' | 'file' = 'folder'): number | null {
    const stat = lstatSync(this.#layout.at(path), { throwIfNoEntry: false });
    return stat && (what === 'folder' ? stat.isDirectory() : true) ? stat.ctimeMs : null;
  }
}
