import type { PassReport } from '../pass-report.ts';
import type { Problem } from '../validate.ts';
import type { WakeReason } from './schedule.ts';

/** What watch says, one line each. Programs may rely on these names; new ones may be added. */
export type Fact =
  /** Everything is watched from now on. */
  | {
      fact: 'started';
      binding: string;
      profile: string;
      posture: string;
      digest: string;
      state: string;
      rescan_ms: number;
      pid: number;
      version: string;
    }
  /** The watchdog found something and wrote it down as an event. */
  | { fact: 'raised'; event: string; type: string; subject: string }
  | { fact: 'quarantined'; path: string; reason: string; detail: string }
  /** What a pass could not read or move aside; the rest of it went on. Said once for as long as it lasts. */
  | { fact: 'failure'; message: string }
  /** The outcome of a notice. */
  | { fact: 'receipt'; notice: string; status: PassReport['receipts'][number]['status']; reason: string; target: string }
  /** A day that nothing is added to any more. */
  | { fact: 'sealed'; day: string; artifacts: number }
  /** A pass that did something, or the first one to end well after others failed. */
  | ({ fact: 'pass' } & PassSummary)
  /** Other documents are in force. `changed` is false where an invalid edit was taken back. */
  | { fact: 'reloaded'; binding: string; profile: string; posture: string; digest: string; state: string; changed: boolean }
  /** The documents were edited and are not valid now: those that were in force stay in force. */
  | { fact: 'documents_invalid'; message: string; problems: Pick<Problem, 'file' | 'line' | 'column' | 'code' | 'message'>[] }
  /** A pass broke off; the next wake-up or rescan tries again. */
  | { fact: 'pass_failed'; error: unknown }
  /** The monitor outside was not reached, or is reached again. */
  | { fact: 'heartbeat'; ok: boolean; detail: string }
  /** A source is not heard any more, or heard again. */
  | { fact: 'source'; source: string; ok: boolean; detail: string }
  /** Something cannot be watched: until the next rescan nobody notices what happens there. */
  | { fact: 'watching_limited'; path: string; message: string }
  /** Nobody took so many lines in time. */
  | { fact: 'output_lost'; lines: number }
  | { fact: 'stopped'; signal: string };

interface PassSummary {
  /** What it was made for, each reason once. */
  woken: WakeReason[];
  duration_ms: number;
  raised: number;
  events: number;
  notices: number;
  attempts: number;
  handedOver: number;
  deferred: number;
  receipts: { acked: number; blocked: number; pending_external_send: number };
  quarantined: number;
  failures: number;
  /** RFC 3339. */
  nextDue: string | null;
}

/** Whether anything on disk is other than before. What failed once more is no achievement. */
export function isFruitful(report: PassReport): boolean {
  const { raised, events, notices, attempts, handedOver, deferred, receipts, quarantined, sealed } = report;
  return events + notices + attempts + handedOver + deferred > 0 || raised.length + receipts.length + quarantined.length + sealed.length > 0;
}

export function factsOfPass(report: PassReport, woken: WakeReason[], newFailures: readonly string[]): Fact[] {
  const { raised, quarantined, receipts, events, notices, attempts, handedOver, deferred, failures, started_ms, finished_ms, nextDue_ms } = report;
  const counts = { acked: 0, blocked: 0, pending_external_send: 0 };
  for (const { status } of receipts) counts[status]++;
  return [
    ...raised.map(({ event, type, subject }): Fact => ({ fact: 'raised', event, type, subject })),
    ...quarantined.map(({ path, reason, detail }): Fact => ({ fact: 'quarantined', path, reason, detail })),
    ...newFailures.map((message): Fact => ({ fact: 'failure', message })),
    ...receipts.map(({ notice, status, reason, target }): Fact => ({ fact: 'receipt', notice, status, reason, target })),
    ...report.sealed.map(({ day, artifacts }): Fact => ({ fact: 'sealed', day, artifacts })),
    {
      fact: 'pass',
      woken,
      duration_ms: Math.max(0, finished_ms - started_ms),
      raised: raised.length,
      events,
      notices,
      attempts,
      handedOver,
      deferred,
      receipts: counts,
      quarantined: quarantined.length,
      failures: failures.length,
      nextDue: nextDue_ms === null ? null : new Date(nextDue_ms).toISOString(),
    },
  ];
}
