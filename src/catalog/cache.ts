// Read at every start, before anything else: this file imports node:fs and node:path and nothing more.
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { Catalog } from '../model/catalog.ts';

const FORMAT = 6;
const MAX_CACHE_BYTES = 16 * 1024 * 1024;

/** The names in one folder when the catalog was loaded. */
export interface FolderListing {
  /** Absolute. */
  path: string;
  /** Sorted, with `/` behind a folder and `@` behind a symbolic link; null if there was no such folder. */
  entries: string[] | null;
}

/** Everything on disk that a catalog was made from. */
export interface CatalogInputs {
  /** Absolute. */
  workspace: string;
  folders: FolderListing[];
  /** Absolute paths, and the bytes that were read. */
  documents: { path: string; bytes: Uint8Array }[];
}

export interface CacheKey {
  /** Of this package: another version may resolve the same documents in another way. */
  version: string;
  /** As it was asked for; undefined where the binding was left to be found. */
  bindingName: string | undefined;
  /** Absolute; where it is given, another copy of the package does not use the cache of this one. */
  packageRoot?: string;
}

interface CacheFile {
  format: number;
  version: string;
  bindingName: string | null;
  packageRoot: string | null;
  folders: FolderListing[];
  /** Bytes as Latin-1, one character a byte. */
  documents: { path: string; bytes: string }[];
  catalog: Catalog;
}

/** The catalog of the last time if nothing that it was made from has changed, else null. Never throws. */
export function readCachedCatalog(file: string, key: CacheKey): Catalog | null {
  try {
    const text = readRegular(file, MAX_CACHE_BYTES);
    if (text === null) return null;
    const cached = JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) as CacheFile;
    if (cached.format !== FORMAT || cached.version !== key.version || cached.bindingName !== (key.bindingName ?? null)) return null;
    if (cached.packageRoot !== (key.packageRoot ?? null)) return null;
    const base = dirname(file);
    if (cached.folders.length === 0 || cached.documents.length === 0) return null;
    if (!cached.folders.every(({ path, entries }) => sameNames(absolute(base, path), entries))) return null;
    if (!cached.documents.every(({ path, bytes }) => readRegular(absolute(base, path), bytes.length) === bytes)) return null;
    return isCatalog(cached.catalog) ? cached.catalog : null;
  } catch {
    return null;
  }
}

/** Absolute paths of all that the remembered catalog was made from: folders and documents. Throws where nothing is remembered. */
export function inputsOfCachedCatalog(file: string): string[] {
  const text = readRegular(file, MAX_CACHE_BYTES) ?? '';
  const { folders, documents } = JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) as CacheFile;
  return [...folders, ...documents].map(({ path }) => absolute(dirname(file), path));
}

/** Remembers a catalog that was loaded without a problem. Best effort: where it cannot be written, the next start loads again. */
export function writeCachedCatalog(file: string, key: CacheKey, catalog: Catalog, inputs: CatalogInputs): void {
  const base = dirname(file);
  // The workspace may be copied or moved together with its cache, so what lies in it is named relative to the cache.
  const portable = (path: string): string => {
    const inside = relative(inputs.workspace, path);
    return inside.startsWith('..') || isAbsolute(inside) ? path : relative(base, path);
  };
  const content: CacheFile = {
    format: FORMAT,
    version: key.version,
    bindingName: key.bindingName ?? null,
    packageRoot: key.packageRoot ?? null,
    folders: inputs.folders.map(({ path, entries }) => ({ path: portable(path), entries })),
    documents: inputs.documents.map(({ path, bytes }) => ({ path: portable(path), bytes: Buffer.from(bytes).toString('latin1') })),
    catalog,
  };
  const temporary = `${file}.${process.pid}.${process.hrtime.bigint()}`;
  // What is behind a link is not ours.
  if (lstatSync(base, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  try {
    mkdirSync(base, { recursive: true, mode: 0o700 });
    writeFileSync(temporary, JSON.stringify(content), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } catch {
    rmQuietly(temporary);
  }
}

function absolute(base: string, path: string): string {
  return isAbsolute(path) ? path : join(base, path);
}

function sameNames(path: string, expected: readonly string[] | null): boolean {
  let entries: string[];
  try {
    if (!lstatSync(path).isDirectory()) return expected === null;
    entries = readdirSync(path, { withFileTypes: true }).map((entry) => entry.name + (entry.isDirectory() ? '/' : entry.isSymbolicLink() ? '@' : ''));
  } catch {
    return expected === null;
  }
  return expected !== null && entries.length === expected.length && entries.sort().every((name, index) => name === expected[index]);
}

/** The bytes of a regular file as Latin-1, or null if it is anything else or longer than `maxBytes`. Never waits for a pipe. */
function readRegular(path: string, maxBytes: number): string | null {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > maxBytes) return null;
    const buffer = Buffer.allocUnsafe(stats.size + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(descriptor, buffer, length, buffer.length - length, length);
    return length > maxBytes ? null : buffer.toString('latin1', 0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Enough to keep a damaged cache from doing harm; who can write it can write the documents beside it, too. */
function isCatalog(value: unknown): value is Catalog {
  const catalog = value as Partial<Record<keyof Catalog, unknown>> | null;
  return (
    typeof catalog === 'object' &&
    catalog !== null &&
    [catalog.digest, catalog.binding, catalog.profile, catalog.posture, catalog.requires, catalog.state].every(
      (text) => typeof text === 'string' && text !== '',
    ) &&
    Array.isArray(catalog.rules) &&
    catalog.rules.every((rule: { escalate?: unknown } | null) => Array.isArray(rule?.escalate)) &&
    Array.isArray(catalog.expectations) &&
    Array.isArray(catalog.sources) &&
    Array.isArray(catalog.gates) &&
    (catalog.gapAfter_ms === null || typeof catalog.gapAfter_ms === 'number') &&
    // undefined where the field is missing, which is no answer.
    typeof catalog.heartbeat === 'object' &&
    typeof catalog.schedule === 'object' &&
    typeof catalog.seal === 'object' &&
    typeof catalog.activation === 'object' &&
    [catalog.targets, catalog.senders].every((record) => typeof record === 'object' && record !== null && !Array.isArray(record))
  );
}

function rmQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nothing was written then.
  }
}
