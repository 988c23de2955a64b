import { join } from 'node:path';
import { STAGES } from '../../model/artifacts.ts';
import { isErrno } from '../../model/errors.ts';
import { sha256 } from '../../model/hash.ts';
import { archiveName } from '../archived-days.ts';
import { type FileSystem, readRegular, stateError, syncFolder } from '../files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from '../layout.ts';
import type { SealLine } from '../seals.ts';
import { type ArchiveEntry, MAX_TAR_BYTES, packedSize } from './limits.ts';
import { look } from './look.ts';

/** What is not as the seal says; of a file, by its path below `state/`. */
export interface DayFault {
  path: string;
  detail: string;
}

export interface LooseDay {
  /** What matches, in the order of the lines. */
  entries: ArchiveEntry[];
  bytes: number;
  /** Paths of those that are not there. */
  missing: string[];
  /** What differs, or is in no line. */
  faults: DayFault[];
}

export interface RemovedLoose {
  files: number;
  bytes: number;
  faults: DayFault[];
}

type Counted = () => void;

/** Whether anything of a day lies in the stages, if only an empty folder. Hidden files are nobody's artifacts, and stay where they are. */
export function isLoose(layout: Layout, day: string, io: FileSystem): boolean {
  return STAGES.some((stage) => {
    const folder = layout.day(stage, day);
    const stat = look(io, folder);
    if (!stat?.isDirectory()) return stat !== undefined;
    const files = names(io, folder);
    return files.length === 0 || files.some(isSeen);
  });
}

/** Reads every file that a seal names, and finds those that it does not. Throws `state_io`. */
export function readLoose(layout: Layout, day: string, lines: readonly SealLine[], io: FileSystem, onFile: Counted): LooseDay {
  const faults = strangers(layout, day, lines, io);
  const result: LooseDay = { entries: [], bytes: 0, missing: [], faults };
  // Two blocks of zeros end a tar file.
  let packed = 1024;
  for (const line of lines) {
    onFile();
    const read = readLine(layout, line, io);
    if (read === null) result.missing.push(line.path);
    else if ('detail' in read) faults.push(read);
    else {
      packed += packedSize(read.bytes.length);
      // What is too large will not be packed; then it need not be held in memory.
      if (packed <= MAX_TAR_BYTES) result.entries.push(read);
      result.bytes += read.bytes.length;
    }
  }
  if (packed > MAX_TAR_BYTES)
    faults.push({ path: archiveName(day), detail: `too large: ${packed} bytes packed, at most ${MAX_TAR_BYTES} go into one archive` });
  return result;
}

/**
 * Removes the files that match their line, then the folders that are empty, each durably. What differs, and what no line
 * names, stays and is returned. Somebody else may be doing the same. Throws `state_io`.
 */
export function removeLoose(layout: Layout, day: string, lines: readonly SealLine[], io: FileSystem, onFile: Counted): RemovedLoose {
  const faults = strangers(layout, day, lines, io);
  const removed: RemovedLoose = { files: 0, bytes: 0, faults };
  // Where a link stands instead of a folder, the paths lead elsewhere.
  if (faults.some(({ path }) => path.split('/').length < 3)) return removed;
  for (const line of lines) {
    onFile();
    const read = readLine(layout, line, io);
    if (read === null) continue;
    if ('detail' in read) faults.push(read);
    else if (unlink(io, layout.at(line.path))) {
      removed.files++;
      removed.bytes += read.bytes.length;
    }
  }
  for (const stage of STAGES) removeIfEmpty(layout.stage(stage), day, io);
  return removed;
}

/** The file that a line names, null if it is not there, or what is wrong with it. */
function readLine(layout: Layout, { path, sha256: expected }: SealLine, io: FileSystem): ArchiveEntry | DayFault | null {
  const read = readRegular(io, layout.at(path), MAX_ARTIFACT_BYTES);
  if (read.kind === 'missing') return null;
  if (read.kind === 'bad') return { path, detail: read.detail };
  const actual = sha256(read.bytes);
  return actual === expected ? { path, bytes: read.bytes } : { path, detail: `it has the hash ${actual}; its seal says ${expected}` };
}

/** What lies in the folders of a day and is in no line of its seal. Behind a link lie other people's files. */
function strangers(layout: Layout, day: string, lines: readonly SealLine[], io: FileSystem): DayFault[] {
  const known = new Set(lines.map(({ path }) => path));
  return STAGES.flatMap((stage): DayFault[] => {
    for (const [path, name] of [
      [layout.stage(stage), stage],
      [layout.day(stage, day), `${stage}/${day}`],
    ] as const) {
      const stat = look(io, path);
      if (!stat) return [];
      if (!stat.isDirectory())
        return [{ path: name, detail: `${stat.isSymbolicLink() ? 'a symbolic link' : 'a file'} stands here instead of a folder` }];
    }
    const paths = names(io, layout.day(stage, day))
      .filter(isSeen)
      .map((file) => `${stage}/${day}/${file}`);
    return paths.filter((path) => !known.has(path)).map((path) => ({ path, detail: 'no line of the seal names it' }));
  });
}

const isSeen = (file: string): boolean => !file.startsWith('.');

function names(io: FileSystem, folder: string): string[] {
  try {
    return io.readdirSync(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw stateError('list', folder, error);
  }
}

/** False if it was not there any more. */
function unlink(io: FileSystem, path: string): boolean {
  try {
    io.unlinkSync(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw stateError('remove', path, error);
  }
}

function removeIfEmpty(stage: string, day: string, io: FileSystem): void {
  const folder = join(stage, day);
  try {
    syncFolder(io, folder);
    io.rmdirSync(folder);
  } catch (error) {
    if (isErrno(error, 'ENOTEMPTY', 'EEXIST')) return;
    if (!isErrno(error, 'ENOENT')) throw stateError('remove', folder, error);
  }
  try {
    syncFolder(io, stage);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw stateError('sync', stage, error);
  }
}
