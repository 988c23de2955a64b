import { RgovError } from '../../model/errors.ts';
import type { PassReport } from '../pass-report.ts';

/** What is said outside of a pass. */
export interface Verdict {
  healthy: boolean;
  /** Numbers and kinds of failure only: names of subjects and paths are nobody else's business. */
  words: string;
}

export function verdictOf(report: PassReport): Verdict {
  const failed = report.failures.length;
  const head = failed === 0 ? 'pass complete' : `pass complete, but ${failed} part${failed === 1 ? '' : 's'} of it failed; see rgov reconcile`;
  const statuses = new Map<string, number>();
  for (const { status } of report.receipts) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const counts: [string, number][] = [
    ['raised', report.raised.length],
    ['events', report.events],
    ['notices', report.notices],
    ['attempts', report.attempts],
    ['deferred', report.deferred],
    ...statuses,
    ['quarantined', report.quarantined.length],
    ['ms', report.finished_ms - report.started_ms],
  ];
  return { healthy: failed === 0, words: [head, ...counts.map(([name, count]) => `${name}: ${count}`), ''].join('\n') };
}

/** Of a pass that broke off. */
export function verdictOfError(error: unknown): Verdict {
  const kind = error instanceof RgovError ? error.kind : 'internal';
  return { healthy: false, words: `pass broke off: ${kind}; see rgov reconcile\n` };
}
