import { RgovError } from '../model/errors.ts';
import { ArchiveFault, MAX_ARCHIVE_BYTES } from './archive/limits.ts';
import { look } from './archive/look.ts';
import { untar } from './archive/untar.ts';
import { unzip } from './archive/unzip.ts';
import { archiveName } from './archived-days.ts';
import { type FileSystem, readRegular, realFileSystem } from './files.ts';
import type { Layout } from './layout.ts';

/** Every artifact of an archived day by its path below `state/`. */
export type Archive = ReadonlyMap<string, Uint8Array>;

export type ReadArchive = { kind: 'ok'; files: Archive; bytes: Uint8Array } | { kind: 'missing' } | { kind: 'bad'; detail: string };

export const archivePath = (layout: Layout, day: string): string => layout.at(archiveName(day));

/** Whether there is an archive of that day; what is in it is not looked at. */
export function isArchived(layout: Layout, day: string): boolean {
  return look(realFileSystem, archivePath(layout, day))?.isFile() === true;
}

/** An archive as it lies on disk now. Throws `state_io` where the disk does not answer. */
export function readArchive(layout: Layout, day: string, io: FileSystem = realFileSystem): ReadArchive {
  const read = readRegular(io, archivePath(layout, day), MAX_ARCHIVE_BYTES);
  if (read.kind !== 'bytes') return read;
  return parseArchive(read.bytes, day);
}

export function parseArchive(bytes: Uint8Array, day: string): Exclude<ReadArchive, { kind: 'missing' }> {
  try {
    return { kind: 'ok', files: untar(unzip(bytes), day), bytes };
  } catch (error) {
    if (error instanceof ArchiveFault) return { kind: 'bad', detail: error.message };
    throw error;
  }
}

interface Opened {
  /** Device, inode, size and times: an archive that was replaced is another one. */
  identity: string;
  read: { kind: 'ok'; files: Archive } | { kind: 'bad'; detail: string };
}

/** A question such as `explain` goes to a day and the day before it, and asks for many files of them. */
const KEPT_OPEN = 2;
const opened = new Map<string, Opened>();

/**
 * The artifacts of an archived day, or null if there is no archive of it. The last ones are kept open. Their bytes are views of
 * one buffer: nobody may change them. Throws `negative` if it is damaged, `state_io` where the disk does not answer.
 */
export function openArchive(layout: Layout, day: string): Archive | null {
  const path = archivePath(layout, day);
  const stat = look(realFileSystem, path);
  if (!stat) return null;
  const identity = [stat.dev, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ');
  const known = opened.get(path);
  if (known?.identity === identity) return filesOf(known, layout, day);
  const read = readArchive(layout, day);
  if (read.kind === 'missing') return null;
  const now: Opened = { identity, read: read.kind === 'ok' ? { kind: 'ok', files: read.files } : read };
  opened.delete(path);
  opened.set(path, now);
  for (const other of opened.keys()) if (opened.size > KEPT_OPEN) opened.delete(other);
  return filesOf(now, layout, day);
}

function filesOf({ read }: Opened, layout: Layout, day: string): Archive {
  if (read.kind === 'ok') return read.files;
  throw new RgovError('negative', `the archive ${archiveName(day)} is damaged: ${read.detail}`, {
    expected: 'an archive as rgov archive made it, with the hash that a later seal names',
    hint: `rgov verify   (then put a good copy in the place of ${archivePath(layout, day)})`,
  });
}
