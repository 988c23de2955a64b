import type { Severity } from './artifacts.ts';

export interface EventTypeFacts {
  severity: Severity;
  /** Completes the sentence "<subject> ...". */
  words: string;
}

/** The closed list of types that this program itself knows; others may come in as foreign CloudEvents. */
export const EVENT_TYPES: Record<string, EventTypeFacts> = {
  'run.started': { severity: 'info', words: 'started' },
  'run.progress': { severity: 'info', words: 'is making progress' },
  'run.succeeded': { severity: 'info', words: 'succeeded' },
  'run.failed': { severity: 'error', words: 'failed' },
  'run.blocked': { severity: 'error', words: 'is blocked' },
  'run.timed_out': { severity: 'error', words: 'ran into its time limit' },
  'run.lost': { severity: 'error', words: 'was lost' },
  'run.cancelled': { severity: 'warning', words: 'was cancelled' },
  'report.overdue': { severity: 'error', words: 'has not reported in time' },
  'report.recovered': { severity: 'info', words: 'reports again' },
  'report.unproven': { severity: 'error', words: 'says it succeeded, but the declared output is not there' },
  'report.undelivered': { severity: 'error', words: 'did its work, but the announcement never arrived' },
  'report.proven': { severity: 'info', words: 'succeeded, and the declared output is there' },
  'expectation.in_force': { severity: 'info', words: 'is in force' },
  'watchdog.gap': { severity: 'warning', words: 'was not watched for a while' },
  'source.failing': { severity: 'error', words: 'cannot be heard' },
  'notice.overdue': { severity: 'error', words: 'has a notice that is overdue' },
  'notice.bounced': { severity: 'error', words: 'has a notice that bounced' },
  'notice.escalated': { severity: 'error', words: 'is escalated' },
  'notice.test': { severity: 'info', words: 'asks whether notices arrive' },
  'notice.confirmed': { severity: 'info', words: 'has a notice that was confirmed late' },
  'notice.acknowledged': { severity: 'info', words: 'was acknowledged' },
};

/** What `rgov report` accepts, and the event type that each word stands for. */
export const REPORT_WORDS: Record<string, string> = {
  started: 'run.started',
  progress: 'run.progress',
  succeeded: 'run.succeeded',
  failed: 'run.failed',
  blocked: 'run.blocked',
};

export function defaultSeverity(type: string): Severity {
  return EVENT_TYPES[type]?.severity ?? 'info';
}

/** The types that end a run. */
export const OUTCOMES: readonly string[] = ['run.succeeded', 'run.failed', 'run.blocked', 'run.timed_out', 'run.lost', 'run.cancelled'];
