import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { type Evidence, type Notice, type QuarantineNote, type Receipt, type ReceiptStatus, type Reopening, STAGES } from '../model/artifacts.ts';
import { check } from '../model/check.ts';
import { parseStrict } from '../model/json.ts';
import { dayOf, fileName, parseFile } from '../model/names.ts';
import { currentReceipt, type Standing } from '../model/truth.ts';
import { waitingDrops } from '../store/drops.ts';
import { readRegular, realFileSystem } from '../store/files.ts';
import { type Layout, MAX_ARTIFACT_BYTES } from '../store/layout.ts';
import { readArtifact } from '../store/read.ts';
import { unbelievableReceipts } from '../store/receipts.ts';
import { listDays, listFolder } from '../store/survey.ts';
import { type PassRecord, readLastPass, type WatchAge, watchAge } from './last-pass.ts';
import type { WorkspaceOptions } from './locate.ts';
import { proofOf } from './proof.ts';
import { type SilentSubject, silentNow } from './silent.ts';
import type { Problem } from './validate.ts';
import { type WhyNotSent, whyNotSent } from './why-not-sent.ts';
import { openLastValidWorkspace } from './workspace.ts';

export interface StatusOptions extends WorkspaceOptions {
  /** How long ago the last complete pass may be; without it nobody asks. */
  maxAge_ms?: number | undefined;
}

/** A notice that is not proved, with what a human needs to judge it. */
export interface UnprovenNotice {
  notice: string;
  title: string;
  target: string;
  requires: Notice['requires'];
  deadline: string | null;
  /** Null: no receipt yet. */
  status: ReceiptStatus | null;
  reason: Receipt['reason'] | null;
  detail: string;
  custody: string | null;
  /** When it came into this state: the receipt's time, or when it was opened again, else the notice's own. */
  since: string;
  overdue: boolean;
  /** Who has opened it again, and nothing has come of that yet. */
  reopened: { by: string; at: string; note: string } | null;
  /** Evidence that there is all the same. */
  proved: Evidence[];
  /** What nobody has proved, in words. */
  notProved: string[];
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
  counts: {
    events: number;
    undecided: number;
    decisions: number;
    notices: number;
    attempts: number;
    acked: number;
    blocked: number;
    pending_external_send: number;
    queued: number;
  };
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
    counts: { events: 0, undecided: 0, decisions: 0, notices: 0, attempts: 0, acked: 0, blocked: 0, pending_external_send: 0, queued: 0 },
    lastPass: readLastPass(layout),
    documents: { valid: problems.length === 0, problems, digest: catalog.digest },
    silent: await silentNow(workspace, now_ms),
  };
  if (options.maxAge_ms !== undefined) report.watch = watchAge(report.lastPass, options.maxAge_ms, now_ms);
  const why = whyNotSent(workspace, now_ms);
  for (const day of listDays(layout)) addDay(layout, day, now_ms, why, report);
  report.unreadable.push(...stuckDrops(layout, report.lastPass));
  report.overdue = [...report.blocked, ...report.pending, ...report.queued].filter(({ overdue }) => overdue);
  report.needsHuman = asksForHuman(report);
  return report;
}

export function asksForHuman({ lastPass, watch, documents, ...lists }: StatusReport): boolean {
  // Where no pass has ever come to its end, nobody is watching: that is no reason to be calm.
  if (lastPass === null || watch?.late === true || !documents.valid) return true;
  const { blocked, pending, overdue, quarantined, unreadable, silent } = lists;
  return [blocked, pending, overdue, quarantined, unreadable, silent].some((list) => list.length > 0);
}

/** Files in the drop folder that were there when the last pass began, and that it could not take. */
function stuckDrops(layout: Layout, lastPass: PassRecord | null): StatusReport['unreadable'] {
  if (lastPass === null) return [];
  const began_ms = Date.parse(lastPass.startedAt) - COARSE_MS;
  return waitingDrops(layout)
    .filter((file) => (lstatSync(join(layout.inbox, file), { throwIfNoEntry: false })?.ctimeMs ?? Number.POSITIVE_INFINITY) < began_ms)
    .map((file) => ({ path: `inbox/${file}`, detail: 'dropped before the last pass, which could not take it' }));
}

function addDay(layout: Layout, day: string, now_ms: number, why: WhyNotSent, report: StatusReport): void {
  const { counts } = report;
  const [events = [], decisions = [], queue = [], handoffs = [], receipts = []] = STAGES.map((stage) =>
    listFolder(layout.day(stage, day)).flatMap((file) => {
      const parsed = parseFile(stage, day, file);
      return parsed ? [{ ...parsed, file }] : [];
    }),
  );
  const decided = new Set(decisions.map(({ name }) => name));
  counts.events += events.length;
  counts.decisions += decisions.length;
  counts.undecided += events.filter(({ name }) => !decided.has(name)).length;
  counts.notices += queue.length;
  counts.attempts += handoffs.filter(({ kind }) => kind === 'handoff').length;
  const byNotice = new Map<string, { revision: number; status: Standing; file: string }[]>();
  for (const { name, file, ...item } of receipts) {
    if (item.kind !== 'receipt' && item.kind !== 'reopening') continue;
    const revision = { revision: item.revision, status: item.kind === 'receipt' ? item.status : ('reopened' as const), file };
    const same = byNotice.get(name);
    if (same) same.push(revision);
    else byNotice.set(name, [revision]);
  }
  const acked = queue.flatMap(({ name }) => {
    const current = currentReceipt(byNotice.get(name) ?? []);
    return current?.status === 'acked' ? [{ name, file: current.file }] : [];
  });
  const bad = unbelievableReceipts(layout, day, acked);
  const unbelievable = new Set(bad.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)));
  for (const { path, detail } of bad) report.unreadable.push({ path, detail });
  for (const { name } of queue) {
    const current = currentReceipt(byNotice.get(name) ?? []);
    // A name alone proves nothing: such a notice counts as nothing, and stands among what cannot be read.
    if (current !== null && unbelievable.has(current.file)) continue;
    if (current === null || current.status === 'reopened') {
      counts.queued++;
      const reopening = current && readReopening(layout, name, current.file, report);
      const attempts = handoffs.flatMap((file) => (file.name === name && file.kind === 'handoff' ? [file.attempt] : []));
      const item = describe(layout, name, null, now_ms, report);
      report.queued.push({ ...item, ...reopenedWords(reopening), detail: why({ name, target: item.target }, Math.max(0, ...attempts), reopening) });
      continue;
    }
    counts[current.status]++;
    if (current.status === 'acked') continue;
    const item = describe(layout, name, current.file, now_ms, report);
    if (current.status === 'blocked') report.blocked.push(item);
    else report.pending.push(item);
  }
}

function readReopening(layout: Layout, name: string, file: string, report: StatusReport): Reopening | null {
  const read = readArtifact(layout, 'reopening', 'receipts', name, file);
  if (read.kind === 'bad') report.unreadable.push({ path: read.path, detail: read.detail });
  return read.kind === 'ok' ? read.stored.document : null;
}

function reopenedWords(reopening: Reopening | null): Partial<UnprovenNotice> {
  if (reopening === null) return {};
  const { by, note, recordedAt } = reopening;
  return { since: recordedAt, reopened: { by: by.replace(/^human:/, ''), at: recordedAt, note } };
}

function describe(layout: Layout, name: string, receiptFile: string | null, now_ms: number, report: StatusReport): UnprovenNotice {
  const notice = readArtifact(layout, 'notice', 'queue', name, fileName.notice(name));
  const receipt = receiptFile === null ? null : readArtifact(layout, 'receipt', 'receipts', name, receiptFile);
  if (notice.kind === 'bad') report.unreadable.push({ path: notice.path, detail: notice.detail });
  if (receipt?.kind === 'bad') report.unreadable.push({ path: receipt.path, detail: receipt.detail });
  const document = notice.kind === 'ok' ? notice.stored.document : null;
  const outcome = receipt?.kind === 'ok' ? receipt.stored.document : null;
  const deadline = document?.deadline ?? null;
  return {
    notice: name,
    title: document?.title ?? '(cannot be read)',
    target: document?.target ?? '',
    requires: document?.requires ?? 'acknowledged',
    deadline,
    status: outcome?.status ?? null,
    reason: outcome?.reason ?? null,
    detail: outcome?.detail ?? '',
    custody: outcome?.custody ?? null,
    since: outcome?.recordedAt ?? document?.time ?? dayOf(name),
    overdue: deadline !== null && Date.parse(deadline) < now_ms,
    reopened: null,
    ...proofOf(outcome, document?.requires ?? 'acknowledged'),
  };
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
