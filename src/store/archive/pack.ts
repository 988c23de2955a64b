import { gzipSync } from 'fflate';
import { packTar } from 'modern-tar/fs';
import type { ArchiveEntry } from './limits.ts';

const DAY_MS = 86_400_000;

/**
 * Part of the format: with other values the same day gives other bytes. `mem` would otherwise follow from a logarithm, which
 * is not the same on every machine.
 */
const COMPRESSION = { level: 8, mem: 4, mtime: 0 } as const;

/**
 * One day as a `.tar.gz`: the same entries in the same order give the same bytes, on every machine and with every Node. Node's
 * own zlib cannot promise that: its compressed bytes differ between processors and versions (nodejs/node issue 33610).
 * fflate compresses in one piece here; its streams are another implementation, with a fault (101arrowz/fflate issue 260).
 * The entries together are at most as large as one archive may hold.
 */
export async function packArchive(day: string, entries: readonly ArchiveEntry[]): Promise<Uint8Array> {
  // Whoever only reads need not load it.
  const { buffer } = process.getBuiltinModule('node:stream/consumers');
  const mtime = new Date(Date.parse(`${day}T00:00:00.000Z`) + DAY_MS - 1000);
  const tar = packTar(entries.map(({ path, bytes }) => ({ type: 'content', target: path, content: bytes, mode: 0o644, uid: 0, gid: 0, mtime })));
  return gzipSync(await buffer(tar), COMPRESSION);
}
