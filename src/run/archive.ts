import { RgovError } from '../model/errors.ts';
import { sha256 } from '../model/hash.ts';
import { oneLine, truncate } from '../model/text.ts';
import { formatTime, parseDurationMs, parseTime } from '../model/time.ts';
import { type ArchivedDay, type ArchiveOutcome, archiveDay } from '../store/archive/day.ts';
import { isLoose } from '../store/archive/loose.ts';
import { isArchived } from '../store/archive.ts';
import { archiveName } from '../store/archived-days.ts';
import { listDays } from '../store/days.ts';
import { type FileSystem, realFileSystem } from '../store/files.ts';
import type { Layout } from '../store/layout.ts';
import { listSeals, parseSeal, readSeal, readSealHead, type SealLine, sealName } from '../store/seals.ts';
import type { WorkspaceOptions } from './locate.ts';
import { openLastValidWorkspace } from './workspace.ts';

export interface ArchiveRequest {
  /** Days before this one: `2026-11-01` (UTC), or so long ago: `90d`. */
  before: string;
  dryRun?: boolean | undefined;
  /** Artifacts dealt with, of how many. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  io?: FileSystem;
}

/** `not_sealed`: the day is not over, not settled, or its seal is still to be made; it is left alone. `failed`: the disk did not do it. */
export type DayOutcome = ArchiveOutcome | 'not_sealed' | 'failed';

export interface DayReport {
  day: string;
  outcome: DayOutcome;
  /** Named by its seal. */
  artifacts: number;
  removed: { files: number; bytes: number };
  archive: { path: string; bytes: number; sha256: string } | null;
  faults: { path: string; detail: string }[];
  /** What the disk said, and what helps. */
  failure: { message: string; hint: string | undefined } | null;
}

export interface ArchiveReport {
  /** The first day that was not asked for. */
  before: string;
  state: string;
  dryRun: boolean;
  /** Oldest first. Days of which nothing was left to do are only counted. */
  days: DayReport[];
  alreadyArchived: number;
}

/** Packs sealed days away; see {@link archiveDay}. One day that cannot be packed does not keep the others. */
export async function archive(request: ArchiveRequest & WorkspaceOptions, clock: () => number = Date.now): Promise<ArchiveReport> {
  const before = firstDayKept(request.before, clock());
  const { layout } = (await openLastValidWorkspace(request)).workspace;
  return archiveDays(layout, before, request);
}

/** The same for one `state/`. */
export async function archiveDays(layout: Layout, before: string, request: Omit<ArchiveRequest, 'before'> = {}): Promise<ArchiveReport> {
  const { dryRun = false, io = realFileSystem } = request;
  const seals = listSeals(layout);
  const sealed = new Set(seals);
  const report: ArchiveReport = { before, state: layout.root, dryRun, days: [], alreadyArchived: 0 };
  const days: string[] = [];
  for (const day of [...new Set([...listDays(layout), ...seals])].sort()) {
    if (day >= before) break;
    if (!sealed.has(day)) report.days.push({ ...blank(day), ...unsealed(day, seals) });
    else if (isArchived(layout, day) && !isLoose(layout, day, io)) report.alreadyArchived++;
    else days.push(day);
  }
  const progress = countingProgress(layout, days, request.onProgress);
  for (const day of days) {
    const work = readWork(layout, day, seals);
    const { outcome, ...done } = await archiveOne(layout, work, { dryRun, io, onFile: progress.onFile });
    progress.onDay(work);
    if (outcome === 'already') report.alreadyArchived++;
    else report.days.push({ ...blank(work.day), artifacts: work.lines.length, ...done, outcome });
  }
  report.days.sort((a, b) => (a.day < b.day ? -1 : 1));
  return report;
}

/** A sealed day that is to be packed. */
interface DayWork {
  day: string;
  lines: readonly SealLine[];
  /** What is wrong with its seal; then nothing is done. */
  fault: string | null;
}

const blank = (day: string): DayReport => ({
  day,
  outcome: 'refused',
  artifacts: 0,
  removed: { files: 0, bytes: 0 },
  archive: null,
  faults: [],
  failure: null,
});

async function archiveOne(layout: Layout, { day, lines, fault }: DayWork, options: { dryRun: boolean; io: FileSystem; onFile: () => void }) {
  if (fault !== null) return { outcome: 'refused' as const, faults: [{ path: sealName(day), detail: fault }] };
  try {
    const { archive, ...done }: ArchivedDay = await archiveDay(layout, day, lines, options);
    return { ...done, archive: archive && { path: archiveName(day), ...archive } };
  } catch (error) {
    if (!(error instanceof RgovError) || error.kind !== 'state_io') throw error;
    return { outcome: 'failed' as const, failure: { message: error.message, hint: error.hint } };
  }
}

/** Days are sealed in their order: one without a seal below the newest seal has lost it. */
function unsealed(day: string, seals: readonly string[]): Pick<DayReport, 'outcome' | 'faults'> {
  const newest = seals.at(-1) ?? '';
  if (day > newest) return { outcome: 'not_sealed', faults: [] };
  return { outcome: 'refused', faults: [{ path: sealName(day), detail: `it is missing, and ${sealName(newest)} is there` }] };
}

/** A seal is believed if it is well formed and the next one names its bytes; signatures are for `rgov verify`. */
function readWork(layout: Layout, day: string, seals: readonly string[]): DayWork {
  const refuse = (fault: string): DayWork => ({ day, lines: [], fault });
  const bytes = readSeal(layout, day);
  if (bytes === null) return refuse('it cannot be read');
  const seal = parseSeal(bytes);
  if (typeof seal === 'string') return refuse(seal);
  const stranger = seal.artifacts.find(({ path }) => path.split('/')[1] !== day);
  if (stranger) return refuse(`it names ${stranger.path}, which belongs to another day`);
  const next = seals[seals.indexOf(day) + 1];
  if (next !== undefined && readSealHead(layout, next)?.previous?.sha256 !== sha256(bytes))
    return refuse(`it has other bytes than ${sealName(next)} says`);
  return { day, lines: seal.artifacts, fault: null };
}

/** Each artifact is read, and dealt with: half of it is done when it is read. */
function countingProgress(layout: Layout, days: readonly string[], onProgress: ArchiveRequest['onProgress']) {
  const total = onProgress === undefined ? 0 : days.reduce((sum, day) => sum + countLines(readSeal(layout, day)), 0);
  let [finished, halves] = [0, 0];
  const tell = (): void => onProgress?.(Math.min(finished + Math.floor(halves / 2), total), total);
  return {
    onFile: (): void => {
      halves++;
      tell();
    },
    onDay: ({ lines }: DayWork): void => {
      finished += lines.length;
      halves = 0;
      tell();
    },
  };
}

function countLines(bytes: Buffer | null): number {
  let lines = 0;
  if (bytes !== null) for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

/** The UTC day that `--before` says. Throws `usage`. */
export function firstDayKept(text: string, now_ms: number): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && parseTime(`${text}T00:00:00Z`) !== null) return text;
  const ago_ms = parseDurationMs(text);
  if (ago_ms !== null) return formatTime(now_ms - ago_ms).slice(0, 10);
  throw new RgovError('usage', `--before ${truncate(oneLine(text), 60)} is neither a day nor a length of time`, {
    expected: 'a UTC day such as 2026-11-01, or so long ago, as in 90d or 52w',
    hint: 'rgov archive --before 90d --dry-run',
  });
}
