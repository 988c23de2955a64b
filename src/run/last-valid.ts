import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Catalog } from '../model/catalog.ts';
import { readCacheFile } from '../store/cache-file.ts';
import { cacheFile, packageVersion } from './locate.ts';

/**
 * The catalog that was last found valid, whatever the documents say now; null if none is remembered. Never throws.
 * A process that was started with another way of naming the same binding remembers it in another file.
 */
export function lastValidCatalog(root: string, binding: string | undefined): Catalog | null {
  const own = readCatalog(cacheFile(root, binding), binding);
  if (own) return own;
  const others = newestFirst(dirname(cacheFile(root, binding))).flatMap((file) => readCatalog(file, binding) ?? []);
  // Where nobody said which binding is meant, two of them are one too many.
  return new Set(others.map((catalog) => catalog.binding)).size === 1 ? (others[0] ?? null) : null;
}

function newestFirst(folder: string): string[] {
  try {
    const files = readdirSync(folder).filter((name) => /^catalog(-.*)?\.json$/.test(name));
    return files
      .map((name) => ({ path: join(folder, name), changed_ms: statSync(join(folder, name)).mtimeMs }))
      .sort((a, b) => b.changed_ms - a.changed_ms)
      .map(({ path }) => path);
  } catch {
    return [];
  }
}

function readCatalog(file: string, binding: string | undefined): Catalog | null {
  try {
    const { version, catalog } = JSON.parse(readCacheFile(file)) as Record<string, unknown>;
    // Another version of this package may understand the same words in another way.
    if (version !== packageVersion() || !looksLikeCatalog(catalog)) return null;
    return binding === undefined || catalog.binding === binding ? catalog : null;
  } catch {
    return null;
  }
}

/** Enough to keep a damaged cache from doing harm; who can write it can write the documents beside it, too. */
function looksLikeCatalog(value: unknown): value is Catalog {
  if (typeof value !== 'object' || value === null) return false;
  const catalog = value as Partial<Record<keyof Catalog, unknown>>;
  const texts = [catalog.digest, catalog.binding, catalog.profile, catalog.posture, catalog.state];
  const records = [catalog.targets, catalog.senders];
  return (
    texts.every((text) => typeof text === 'string' && text !== '') &&
    [catalog.rules, catalog.expectations].every(Array.isArray) &&
    records.every((record) => typeof record === 'object' && record !== null)
  );
}
