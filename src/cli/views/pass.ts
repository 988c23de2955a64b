import type { Waiting } from '../../model/steps.ts';
import { formatDuration } from '../../model/time.ts';
import type { PassReport } from '../../run/pass-report.ts';
import type { Paint } from '../terminal.ts';

const STATUS_STYLE = { acked: 'green', blocked: 'red', pending_external_send: 'yellow' } as const;

/** One line for each outcome, then the sum. Empty if nothing was done and nobody is looking. */
export function passText(report: PassReport, paint: Paint, interactive: boolean): string {
  const lines = report.quarantined.map(
    ({ path, reason, detail }) => `${paint('red', 'quarantined')}  ${paint('reset', path)}  ${reason}: ${paint('reset', detail)}`,
  );
  for (const failure of report.failures) lines.push(`${paint('red', 'failed')}  ${paint('reset', failure)}`);
  if (report.heartbeat?.ok === false) lines.push(`${paint('yellow', 'heartbeat')}  ${paint('reset', report.heartbeat.detail)}`);
  for (const { source, failure } of report.sources ?? [])
    if (failure !== null) lines.push(`${paint('yellow', 'not heard')}  ${paint('reset', source)}  ${paint('reset', failure)}`);
  for (const { type, subject } of report.raised) lines.push(`${paint('yellow', type)}  ${paint('reset', subject)}`);
  for (const { notice, status, reason } of report.receipts)
    lines.push(`${paint(STATUS_STYLE[status], status)}  ${paint('reset', notice)}  ${reason}`);
  const busy = report.events + report.notices + report.attempts + report.handedOver + report.receipts.length + report.quarantined.length > 0;
  if (busy) lines.push(summary(report));
  for (const { day, artifacts } of report.sealed) lines.push(`${paint('green', 'sealed')}  ${day}  ${plural(artifacts, 'artifact')}`);
  if (interactive) {
    if (!busy && report.sealed.length === 0) lines.push('nothing to do');
    lines.push(nextStep(report));
  }
  return lines.join('\n');
}

/** `3 events, 2 notices: 1 acked, 1 pending`. */
function summary(report: PassReport): string {
  const counts = new Map<string, number>();
  for (const { status } of report.receipts) counts.set(status, (counts.get(status) ?? 0) + 1);
  if (report.handedOver > 0) counts.set('handed to a bridge', report.handedOver);
  if (report.deferred > 0) counts.set('to be tried again', report.deferred);
  const outcomes = [...counts].map(([status, n]) => `${n} ${status}`).join(', ');
  return `${plural(report.events, 'event')}, ${plural(report.notices, 'notice')}${outcomes === '' ? '' : `: ${outcomes}`}`;
}

function nextStep({ nextDue_ms, finished_ms }: PassReport): string {
  if (nextDue_ms === null) return 'next step due: none, until something more is heard';
  return `next step due: ${new Date(nextDue_ms).toISOString()} (in ${formatDuration(nextDue_ms - finished_ms)})`;
}

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** What is waited for, with times as artifacts write them. */
export function waitingJson(waiting: readonly Waiting[]) {
  return waiting.map(({ notice, because, until_ms }) => ({ notice, because, until: isoOrNull(until_ms) }));
}

export function passJson({ started_ms, finished_ms, nextDue_ms, waiting, ...counts }: PassReport) {
  return {
    startedAt: isoOrNull(started_ms),
    finishedAt: isoOrNull(finished_ms),
    ...counts,
    waiting: waitingJson(waiting),
    nextDue: isoOrNull(nextDue_ms),
  };
}

export function plural(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`;
}
