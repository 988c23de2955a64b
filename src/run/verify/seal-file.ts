import { messageOf } from '../../model/errors.ts';
import { readRegular, realFileSystem } from '../../store/files.ts';
import type { Layout } from '../../store/layout.ts';
import { MAX_SEAL_BYTES, parseSeal, type Seal, sealName } from '../../store/seals.ts';
import { type HashedFile, hashFile } from './hash-file.ts';

/** Where the path begins in a line: behind 64 digits and two spaces. */
const PATH_AT = 66;
/** A head names the archives that were packed between two seals: a hundred thousand of them take less. */
const MAX_HEAD_BYTES = 16 * 1024 * 1024;
const LINE_END = 10;

/** All of its bytes, of which those before the artifacts are kept, and how many lines follow: understanding all of those of a year would take seconds. */
export type SealStart = { kind: 'read'; sha256: string; head: Buffer; artifacts: number } | Exclude<HashedFile, { kind: 'hash' }>;

export function readSealStart(layout: Layout, day: string): SealStart {
  let head = Buffer.alloc(0);
  let isWhole = false;
  let lines = 0;
  const hashed = hashFile(layout.at(sealName(day)), (bytes) => {
    lines += countLines(bytes);
    if (isWhole) return;
    const soFar = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
    const end = endOfHead(soFar);
    isWhole = end < soFar.length || soFar.length > MAX_HEAD_BYTES;
    head = Buffer.from(soFar.subarray(0, end));
  });
  return hashed.kind === 'hash' ? { kind: 'read', sha256: hashed.sha256, head, artifacts: lines - countLines(head) } : hashed;
}

/** A seal with all its lines, or in words why there is none. */
export function readWholeSeal(layout: Layout, day: string): Seal | string {
  try {
    const read = readRegular(realFileSystem, layout.at(sealName(day)), MAX_SEAL_BYTES);
    return read.kind === 'bytes' ? parseSeal(read.bytes) : read.kind === 'missing' ? 'there is none' : read.detail;
  } catch (error) {
    return messageOf(error);
  }
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) lines++;
  return lines;
}

function endOfHead(bytes: Buffer): number {
  let start = 0;
  while (start < bytes.length) {
    const folder = bytes.toString('latin1', start + PATH_AT, start + PATH_AT + 'archives/'.length);
    if (!folder.startsWith('seals/') && folder !== 'archives/') break;
    const end = bytes.indexOf(LINE_END, start);
    start = end < 0 ? bytes.length : end + 1;
  }
  return start;
}
