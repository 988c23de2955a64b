import { type Evidence, type Notice, type Receipt, type ReceiptStatus, type Reopening, STAGES } from '../model/artifacts.ts';
import { dayOf, fileName, parseFile } from '../model/names.ts';
import { currentReceipt, type Standing } from '../model/truth.ts';
import { listStage } from '../store/history.ts';
import type { Layout } from '../store/layout.ts';
import { readArtifact } from '../store/read.ts';
import { unbelievableReceipts } from '../store/receipts.ts';
import { ofSealedDays, type SealedCache } from '../store/sealed-cache.ts';
import { type LateWord, lateWords, statusAfter } from './late-words.ts';
import { proofOf } from './proof.ts';
import type { WhyNotSent } from './why-not-sent.ts';

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

export interface Counts {
  events: number;
  undecided: number;
  decisions: number;
  notices: number;
  attempts: number;
  acked: number;
  blocked: number;
  pending_external_send: number;
  queued: number;
}

/** What there is to say of one day, whatever time it is now. */
export interface DayReport {
  counts: Counts;
  unproven: UnprovenNotice[];
  unreadable: { path: string; detail: string }[];
}

export const noCounts = (): Counts => ({
  events: 0,
  undecided: 0,
  decisions: 0,
  notices: 0,
  attempts: 0,
  acked: 0,
  blocked: 0,
  pending_external_send: 0,
  queued: 0,
});

export const SEALED_STATUS: SealedCache = { name: 'sealed-status', format: 1 };

/** `why` says of a notice without an outcome why it has none. */
export function dayReport(layout: Layout, day: string, why: WhyNotSent): DayReport {
  const report: DayReport = { counts: noCounts(), unproven: [], unreadable: [] };
  const { counts } = report;
  const [events = [], decisions = [], queue = [], handoffs = [], receipts = []] = STAGES.map((stage) =>
    listStage(layout, stage, day).flatMap((file) => {
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
      const item = describe(layout, name, null, report);
      report.unproven.push({ ...item, ...reopenedWords(reopening), detail: why({ name, target: item.target }, Math.max(0, ...attempts), reopening) });
      continue;
    }
    counts[current.status]++;
    if (current.status !== 'acked') report.unproven.push(describe(layout, name, current.file, report));
  }
  return report;
}

function readReopening(layout: Layout, name: string, file: string, report: DayReport): Reopening | null {
  const read = readArtifact(layout, 'reopening', 'receipts', name, file);
  if (read.kind === 'bad') report.unreadable.push({ path: read.path, detail: read.detail });
  return read.kind === 'ok' ? read.stored.document : null;
}

function reopenedWords(reopening: Reopening | null): Partial<UnprovenNotice> {
  if (reopening === null) return {};
  const { by, note, recordedAt } = reopening;
  return { since: recordedAt, reopened: { by: by.replace(/^human:/, ''), at: recordedAt, note } };
}

function describe(layout: Layout, name: string, receiptFile: string | null, report: DayReport): UnprovenNotice {
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
    overdue: false,
    reopened: null,
    ...proofOf(outcome, document?.requires ?? 'acknowledged'),
  };
}

/** Of sealed days, with what was said of their notices since. Nothing in them changes, so that each is read once. */
export function sealedDayReports(layout: Layout): DayReport[] {
  const reports = ofSealedDays(layout, SEALED_STATUS, (day) => [dayReport(layout, day, () => '')]);
  const late = lateWords(layout);
  if (late.size === 0) return reports;
  const known = new Map(reports.flatMap((report) => report.unproven.map((item) => [item.notice, report] as const)));
  for (const [notice, words] of late) {
    const report = known.get(notice) ?? reports[0];
    if (report) judgeAnew(layout, notice, words, report, known.has(notice));
  }
  return reports;
}

function judgeAnew(layout: Layout, notice: string, words: readonly LateWord[], report: DayReport, wasUnproven: boolean): void {
  const before = report.unproven.find((item) => item.notice === notice);
  const item = before ?? describe(layout, notice, null, report);
  const was = wasUnproven ? (item.status ?? 'blocked') : 'acked';
  const status = statusAfter(was, item.requires, words);
  if (status === was) return;
  report.counts[was]--;
  report.counts[status]++;
  if (before) report.unproven.splice(report.unproven.indexOf(before), 1);
  if (status === 'acked') return;
  const { at, failure } = words.at(-1) as LateWord;
  const detail = failure === null ? item.detail : `${failure.by}: ${failure.detail}`;
  report.unproven.push({ ...item, status, reason: 'bounced', detail, since: at });
}
