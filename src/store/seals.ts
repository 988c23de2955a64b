import { closeSync, constants, openSync, readSync } from 'node:fs';
import { STAGES } from '../model/artifacts.ts';
import { isErrno } from '../model/errors.ts';
import { readRegular, realFileSystem, stateError } from './files.ts';
import { listFolder } from './folder.ts';
import type { Layout } from './layout.ts';

/** A seal of a day with a million artifacts stays below this. */
export const MAX_SEAL_BYTES = 256 * 1024 * 1024;
const SEAL_FILE = /^(\d{4}-\d{2}-\d{2})\.sha256$/;
const LINE = /^([0-9a-f]{64}) {2}([A-Za-z0-9._/-]+)$/;

export interface SealLine {
  sha256: string;
  /** Below `state/`. */
  path: string;
}

/** What a seal says, in the order of its lines. */
export interface Seal {
  /** The seal before this one; null in the first. */
  previous: SealLine | null;
  /** Archives that no earlier seal names. */
  archives: SealLine[];
  /** Every artifact of the day, sorted by path. */
  artifacts: SealLine[];
}

export const sealName = (day: string): string => `seals/${day}.sha256`;

/** Days that have a seal, sorted. */
export function listSeals(layout: Layout): string[] {
  return listFolder(layout.seals)
    .flatMap((file) => SEAL_FILE.exec(file)?.[1] ?? [])
    .sort();
}

/** A seal's bytes, or null if there is none that can be read. Throws `state_io` where the disk does not answer. */
export function readSeal(layout: Layout, day: string): Buffer | null {
  const read = readRegular(realFileSystem, layout.at(sealName(day)), MAX_SEAL_BYTES);
  return read.kind === 'bytes' ? Buffer.from(read.bytes) : null;
}

/**
 * The text of a seal: a manifest as `sha256sum -c` reads it from within `state/` (GNU coreutils, sha256sum(1)). The names of
 * artifacts hold no character that would have to be escaped.
 */
export function formatSeal({ previous, archives, artifacts }: Seal): string {
  return [...(previous ? [previous] : []), ...archives, ...artifacts].map(({ sha256, path }) => `${sha256}  ${path}\n`).join('');
}

/** What a seal says, or in words why it is none. */
export function parseSeal(bytes: Uint8Array): Seal | string {
  const text = Buffer.from(bytes).toString('latin1');
  if (text !== '' && !text.endsWith('\n')) return 'its last line is cut off';
  const seal: Seal = { previous: null, archives: [], artifacts: [] };
  let rank = 0;
  let before = '';
  for (const [i, line] of text.split('\n').slice(0, -1).entries()) {
    const [, sha256, path] = LINE.exec(line) ?? [];
    if (sha256 === undefined || path === undefined) return `line ${i + 1} is no line of sha256sum`;
    const folder = path.slice(0, path.indexOf('/'));
    const kind = folder === 'seals' ? 0 : folder === 'archives' ? 1 : STAGES.some((stage) => stage === folder) ? 2 : 3;
    if (kind === 3) return `line ${i + 1} names ${path}, which is no artifact`;
    if (kind < rank || (kind === 0 && i > 0)) return `line ${i + 1} is out of order`;
    if (kind === rank && i > 0 && path <= before) return `line ${i + 1} is out of order`;
    rank = kind;
    before = path;
    if (kind === 0) seal.previous = { sha256, path };
    else (kind === 1 ? seal.archives : seal.artifacts).push({ sha256, path });
  }
  return seal;
}

/** More than any number of archives that are packed between two seals takes; a longer head is read in full. */
const HEAD_BYTES = 64 * 1024;

/** What a seal says before its artifacts, without reading those; null if there is no seal. */
export function readSealHead(layout: Layout, day: string): Pick<Seal, 'previous' | 'archives'> | null {
  const start = readStart(layout.at(sealName(day)));
  if (start === null) return null;
  const head = headIn(start);
  const whole = head.isWhole ? null : readSeal(layout, day);
  return whole === null ? head : headIn(whole);
}

function readStart(path: string): Buffer | null {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const bytes = Buffer.allocUnsafe(HEAD_BYTES);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    throw stateError('read', path, error);
  }
}

function headIn(bytes: Buffer): Pick<Seal, 'previous' | 'archives'> & { isWhole: boolean } {
  const head: Pick<Seal, 'previous' | 'archives'> = { previous: null, archives: [] };
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    if (end < 0) return { ...head, isWhole: false };
    const [, sha256, path] = LINE.exec(bytes.toString('latin1', start, end)) ?? [];
    if (sha256 === undefined || path === undefined) return { ...head, isWhole: true };
    if (path.startsWith('seals/')) head.previous = { sha256, path };
    else if (path.startsWith('archives/')) head.archives.push({ sha256, path });
    else return { ...head, isWhole: true };
    start = end + 1;
  }
  return { ...head, isWhole: bytes.length < HEAD_BYTES };
}
