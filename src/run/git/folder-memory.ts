import { join } from 'node:path';
import { readCacheFile, writeCacheFile } from '../../store/cache-file.ts';
import { mayChangeUnseen } from '../../store/coarse-time.ts';
import type { Layout } from '../../store/layout.ts';

const FORMAT = 1;
/** Clocks of file systems tick coarsely. */
const SAFE_MS = 2_000;
const sinceKey = (folder: string): string => `${folder} since`;

/** Of one folder: when it had changed, and its tree in the last commit, when everything in it was in that tree. */
type Remembered = [changed_ms: number, oid: string];

/**
 * Folders of which nothing is left to commit, so that a pass need not list a year of days again. A cache and nothing more: a
 * folder that has changed, or has another tree in the commit, is listed.
 */
export class FolderMemory {
  readonly #path: string;
  readonly #gitDir: string;
  readonly #before: Record<string, Remembered>;
  readonly #now: Record<string, Remembered> = {};

  constructor(layout: Layout, gitDir: string) {
    this.#path = join(layout.cache, 'committed.json');
    this.#gitDir = gitDir;
    this.#before = read(this.#path, gitDir);
  }

  /** Whether the folder, which changed at this moment, is known to hold nothing that this tree does not. */
  knows(folder: string, changed_ms: number, oid: string | undefined): boolean {
    const known = this.#before[folder];
    if (known === undefined || known[0] !== changed_ms || known[1] !== oid) return false;
    this.#now[folder] = known;
    const since = this.#before[sinceKey(folder)];
    if (since !== undefined) this.#now[sinceKey(folder)] = since;
    return true;
  }

  /** Of a folder whose files are replaced: what changed before this moment is in this tree. 0 where nothing is known. */
  since_ms(folder: string, changed_ms: number, oid: string | undefined): number {
    const known = this.#before[sinceKey(folder)];
    if (known === undefined || known[1] !== oid) return 0;
    this.#now[sinceKey(folder)] = known;
    // A clock that was set back makes all times worthless.
    return known[0] > changed_ms ? 0 : known[0];
  }

  /** Everything in the folder, which changed at this moment before it was listed, is in this tree. */
  learn(folder: string, changed_ms: number, oid: string): void {
    if (!mayChangeUnseen(changed_ms)) this.#now[folder] = [changed_ms, oid];
  }

  /** The same of a folder whose files are replaced: of those that changed before this moment. */
  learnSince(folder: string, changed_ms: number, oid: string): void {
    this.#now[sinceKey(folder)] = [changed_ms - SAFE_MS, oid];
  }

  write(): void {
    const [before, now] = [JSON.stringify(this.#before), JSON.stringify(this.#now)];
    if (before !== now) writeCacheFile(this.#path, JSON.stringify({ format: FORMAT, gitDir: this.#gitDir, folders: this.#now }));
  }
}

function read(path: string, gitDir: string): Record<string, Remembered> {
  try {
    const parsed = JSON.parse(readCacheFile(path));
    if (parsed.format !== FORMAT || parsed.gitDir !== gitDir) return {};
    const entries = Object.entries(parsed.folders).filter((entry): entry is [string, Remembered] => isRemembered(entry[1]));
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}

const isRemembered = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && typeof value[1] === 'string';
