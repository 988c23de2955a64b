import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { QuarantineNote } from '../model/artifacts.ts';
import { check } from '../model/check.ts';
import { parseStrict } from '../model/json.ts';
import { ClosedDays } from '../store/closed-days.ts';
import { listDays } from '../store/days.ts';
import { waitingDrops, whyNoDrops } from '../store/drops.ts';
import { readRegular, realFileSystem } from '../store/files.ts';
import { listFolder } from '../store/folder.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from '../store/layout.ts';
import { type PassRecord, readLastPass, type WatchAge, watchAge } from './last-pass.ts';
import type { WorkspaceOptions } from './locate.ts';
import { type SilentSubject, silentNow } from './silent.ts';
import { type Counts, type DayReport, dayReport, noCounts, sealedDayReports, type UnprovenNotice } from './status-day.ts';
import type { Problem } from './validate.ts';
import { whyNotSent } from './why-not-sent.ts';
import { openLastValidWorkspace } from './workspace.ts';

export interface StatusOptions extends WorkspaceOptions {
  /** How long ago the last complete pass may be; without it nobody asks. */
  maxAge_ms?: number | undefined;
}

export interface StatusReport {
  at: string;
  binding: string;
  profile: string;
  posture: string;
  state: string;
  /** True if anything below asks for a human; then the exit code is 1. */
  needsHuman: boolean;
  blocked: UnprovenNotice[];
  pending: UnprovenNotice[];
  /** Past their deadline without the required proof; each of them stands in one of the other lists too. */
  overdue: UnprovenNotice[];
  /** In the queue, without an outcome. */
  queued: UnprovenNotice[];
  quarantined: { file: string; path: string; reason: string; detail: string }[];
  /** Receipts that cannot be read, so that what they say counts for nothing, and drops that no pass can take. */
  unreadable: { path: string; detail: string }[];
  counts: Counts;
  /** The newest day that nothing is added to any more; null if no day is sealed yet. */
  sealedThrough: string | null;
  lastPass: PassRecord | null;
  /** Only where it was asked for. */
  watch?: WatchAge;
  documents: {
    /** False: they were edited since, and everything here is seen with the last valid ones. */
    valid: boolean;
    problems: Problem[];
    /** Of the catalog that everything here is seen with. */
    digest: string;
  };
  silent: SilentSubject[];
}

/** Times of files lag behind the clock a little. */
const COARSE_MS = 1_000;

/** What is proved, what is not, and what needs a human. Reads the names of everything, and the contents of what is not proved. */
export async function status(options: StatusOptions, clock: () => number = Date.now): Promise<StatusReport> {
  const { workspace, problems } = await openLastValidWorkspace(options);
  const { layout, catalog } = workspace;
  const now_ms = clock();
  const report: StatusReport = {
    at: new Date(now_ms).toISOString(),
    binding: catalog.binding,
    profile: catalog.profile,
    posture: catalog.posture,
    state: layout.root,
    needsHuman: false,
    blocked: [],
    pending: [],
    overdue: [],
    queued: [],
    quarantined: listQuarantine(layout),
    unreadable: [],
    counts: noCounts(),
    sealedThrough: null,
    lastPass: readLastPass(layout),
    documents: { valid: problems.length === 0, problems, digest: catalog.digest },
    silent: await silentNow(workspace, now_ms),
  };
  if (options.maxAge_ms !== undefined) report.watch = watchAge(report.lastPass, options.maxAge_ms, now_ms);
  const why = whyNotSent(workspace, now_ms);
  for (const day of sealedDayReports(layout)) merge(report, day, now_ms);
  const sealed = new ClosedDays(layout).sealedThrough();
  for (const day of listDays(layout)) if (day > sealed) merge(report, dayReport(layout, day, why), now_ms);
  report.sealedThrough = sealed === '' ? null : sealed;
  report.unreadable.push(...stuckDrops(layout, report.lastPass));
  report.overdue = [...report.blocked, ...report.pending, ...report.queued].filter(({ overdue }) => overdue);
  report.needsHuman = asksForHuman(report);
  return report;
}

function merge(report: StatusReport, { counts, unproven, unreadable }: DayReport, now_ms: number): void {
  for (const key of Object.keys(counts) as (keyof Counts)[]) report.counts[key] += counts[key];
  report.unreadable.push(...unreadable);
  for (const item of unproven) {
    const list = item.status === 'blocked' ? report.blocked : item.status === null ? report.queued : report.pending;
    list.push({ ...item, overdue: item.deadline !== null && Date.parse(item.deadline) < now_ms });
  }
}

export function asksForHuman({ lastPass, watch, documents, ...lists }: StatusReport): boolean {
  // Where no pass has ever come to its end, nobody is watching: that is no reason to be calm.
  if (lastPass === null || watch?.late === true || !documents.valid) return true;
  const { blocked, pending, overdue, quarantined, unreadable, silent } = lists;
  return [blocked, pending, overdue, quarantined, unreadable, silent].some((list) => list.length > 0);
}

/** Files in the drop folder that were there when the last pass began, and that it could not take. */
function stuckDrops(layout: Layout, lastPass: PassRecord | null): StatusReport['unreadable'] {
  const why = whyNoDrops(layout);
  if (why !== null) return [{ path: 'inbox', detail: why }];
  if (lastPass === null) return [];
  const began_ms = Date.parse(lastPass.startedAt) - COARSE_MS;
  return waitingDrops(layout)
    .filter((file) => (lstatSync(join(layout.inbox, file), { throwIfNoEntry: false })?.ctimeMs ?? Number.POSITIVE_INFINITY) < began_ms)
    .map((file) => ({ path: `inbox/${file}`, detail: 'dropped before the last pass, which could not take it' }));
}

function listQuarantine(layout: Layout): StatusReport['quarantined'] {
  const found: StatusReport['quarantined'] = [];
  for (const day of listFolder(layout.quarantine).sort()) {
    for (const file of listFolder(join(layout.quarantine, day)).sort()) {
      if (!file.endsWith('.reason.json')) continue;
      const read = readRegular(realFileSystem, join(layout.quarantine, day, file), MAX_ARTIFACT_BYTES);
      const parsed = read.kind === 'bytes' ? parseStrict(read.bytes) : null;
      if (!parsed?.ok || check('quarantine-note', parsed.value) !== null) continue;
      const { path, reason, detail } = parsed.value as QuarantineNote;
      found.push({ file: `quarantine/${day}/${file.slice(0, -'.reason.json'.length)}`, path, reason, detail });
    }
  }
  return found;
}
