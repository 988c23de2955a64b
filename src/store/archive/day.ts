import { sha256 } from '../../model/hash.ts';
import { parseArchive, type ReadArchive, readArchive } from '../archive.ts';
import { archiveName } from '../archived-days.ts';
import { type FileSystem, realFileSystem } from '../files.ts';
import type { Layout } from '../layout.ts';
import type { SealLine } from '../seals.ts';
import { type DayFault, isLoose, type LooseDay, readLoose, removeLoose } from './loose.ts';
import { packArchive } from './pack.ts';
import { makeSure, publishArchive } from './publish.ts';

/**
 * `archived`: packed now, and its loose files removed. `finished`: it was packed before, and what was left of its loose files
 * is removed now. `already`: nothing was left to do. `refused`: something is not as its seal says, and nothing was removed.
 * `incomplete`: it is packed, and loose files that are not as its seal says stay beside the archive.
 */
export type ArchiveOutcome = 'archived' | 'finished' | 'already' | 'refused' | 'incomplete';

export interface ArchivedDay {
  outcome: ArchiveOutcome;
  /** Loose files that were removed; in a rehearsal, that would be. */
  removed: { files: number; bytes: number };
  archive: { bytes: number; sha256: string } | null;
  faults: DayFault[];
}

export interface ArchiveOptions {
  /** Everything is looked at and packed in memory; nothing is written or removed. */
  dryRun?: boolean;
  /** Told of each file that was read, and of each that was dealt with. */
  onFile?: () => void;
  io?: FileSystem;
}

/** A sealed day, and how it is worked on. */
interface Work extends Required<ArchiveOptions> {
  layout: Layout;
  day: string;
  /** Those of its seal that name artifacts. */
  lines: readonly SealLine[];
}

/**
 * Moves a sealed day into its archive. `lines` are those of its seal that name artifacts. At every moment each file is loose,
 * or in an archive that was read back from disk and matches the seal, or both: a run that was cut short is finished by the
 * next one, and two at once do each other no harm. Throws `state_io`.
 */
export async function archiveDay(layout: Layout, day: string, lines: readonly SealLine[], options: ArchiveOptions = {}): Promise<ArchivedDay> {
  const work: Work = { layout, day, lines, dryRun: false, onFile: () => {}, io: realFileSystem, ...options };
  const before = readArchive(layout, day, work.io);
  if (before.kind !== 'missing') {
    if (!isLoose(layout, day, work.io)) return { ...nothingDone, outcome: 'already', archive: described(before) };
    return makeRoom(work, before, 'finished');
  }
  const loose = readLoose(layout, day, lines, work.io, work.onFile);
  const faults = [...loose.faults, ...loose.missing.map((path) => ({ path, detail: 'it is missing' }))];
  if (faults.length === 0) return packAndMakeRoom(work, loose);
  // Somebody else may have packed it meanwhile, and be removing what was looked for.
  const meanwhile = readArchive(layout, day, work.io);
  return meanwhile.kind === 'missing' ? { ...nothingDone, faults } : makeRoom(work, meanwhile, 'finished');
}

async function packAndMakeRoom(work: Work, loose: LooseDay): Promise<ArchivedDay> {
  const { layout, day, lines, io } = work;
  const packed = await packArchive(day, loose.entries);
  const inMemory = parseArchive(packed, day);
  // What is wrong already must not get a name that nothing else may take.
  const faults = faultsOf(inMemory, day, lines);
  if (faults.length > 0) return { ...nothingDone, faults };
  if (work.dryRun) {
    for (const _ of lines) work.onFile();
    return { outcome: 'archived', removed: { files: loose.entries.length, bytes: loose.bytes }, archive: described(inMemory), faults: [] };
  }
  const outcome = publishArchive(layout, day, packed, io) === 'created' ? 'archived' : 'finished';
  return makeRoom(work, readArchive(layout, day, io), outcome);
}

/** Removes the loose files of a day that is packed, if it is packed well. */
function makeRoom({ layout, day, lines, dryRun, onFile, io }: Work, archive: ReadArchive, outcome: ArchiveOutcome): ArchivedDay {
  const wrong = faultsOf(archive, day, lines);
  if (wrong.length > 0) return { ...nothingDone, faults: wrong };
  const inTheWay = (faults: DayFault[]): ArchiveOutcome => (faults.length > 0 ? 'incomplete' : outcome);
  if (dryRun) {
    const { entries, bytes, faults } = readLoose(layout, day, lines, io, onFile);
    return { outcome: inTheWay(faults), removed: { files: entries.length, bytes }, archive: described(archive), faults };
  }
  makeSure(layout, day, io);
  const { files, bytes, faults } = removeLoose(layout, day, lines, io, onFile);
  return { outcome: inTheWay(faults), removed: { files, bytes }, archive: described(archive), faults };
}

const nothingDone: ArchivedDay = { outcome: 'refused', removed: { files: 0, bytes: 0 }, archive: null, faults: [] };

function described(archive: ReadArchive): ArchivedDay['archive'] {
  return archive.kind === 'ok' ? { bytes: archive.bytes.length, sha256: sha256(archive.bytes) } : null;
}

/** What of an archive is not as the seal says. Its entries are in order and none is there twice; see {@link parseArchive}. */
function faultsOf(archive: ReadArchive, day: string, lines: readonly SealLine[]): DayFault[] {
  const path = archiveName(day);
  if (archive.kind === 'missing') return [{ path, detail: 'it is missing' }];
  if (archive.kind === 'bad') return [{ path, detail: `it is damaged: ${archive.detail}` }];
  const faults: DayFault[] = [];
  for (const line of lines) {
    const bytes = archive.files.get(line.path);
    if (bytes === undefined) faults.push({ path, detail: `${line.path} is not in it` });
    else if (sha256(bytes) !== line.sha256) faults.push({ path, detail: `${line.path} in it has another hash than its seal says` });
  }
  const named = new Set(lines.map((line) => line.path));
  for (const entry of archive.files.keys())
    if (!named.has(entry)) faults.push({ path, detail: `${entry} is in it, and no line of the seal names it` });
  return faults;
}
