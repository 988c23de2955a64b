import { isObject, type JsonObject, quoted } from '../foreign.ts';

/** Event type per task status; null: not yet anything to report. */
const TYPE_OF_STATUS: Record<string, string | null> = {
  queued: null,
  running: 'run.started',
  succeeded: 'run.succeeded',
  failed: 'run.failed',
  timed_out: 'run.timed_out',
  cancelled: 'run.cancelled',
  lost: 'run.lost',
};
/** Ends of a run that say more than "failed"; cron details know only succeeded, failed and unknown. */
const SPECIFIC_ENDS = new Set(['timed_out', 'cancelled', 'lost']);

export interface Classified {
  kind: 'classified';
  /** Null: a task that is still queued. */
  type: string | null;
  /** In the spelling of the command line. */
  status: string;
  completionStatus: string | null;
  classifiedBy: 'status' | 'completionStatus';
}

export type Classification = Classified | { kind: 'unreadable'; reason: string };

/**
 * What a task's state means. `detail.completionStatus` tells how the whole run ended, announcement included, and therefore decides;
 * `status` alone calls a run "failed" whose work was done and whose announcement got lost. The gateway's wrapping has no detail,
 * so there `status` must do, and an undelivered announcement cannot be told from a failure.
 */
export function classify(task: JsonObject): Classification {
  const status = task['status'] === 'completed' ? 'succeeded' : task['status'];
  if (typeof status !== 'string' || !Object.hasOwn(TYPE_OF_STATUS, status)) {
    return { kind: 'unreadable', reason: `unknown status ${quoted(status)}; known are ${Object.keys(TYPE_OF_STATUS).join(', ')} and completed` };
  }
  const typeOfStatus = TYPE_OF_STATUS[status] ?? null;
  const detail = isObject(task['detail']) ? task['detail'] : {};
  const completionStatus = detail['completionStatus'] ?? null;
  if (completionStatus === null) return { kind: 'classified', type: typeOfStatus, status, completionStatus, classifiedBy: 'status' };

  const byCompletion = (type: string, completion: string): Classified => {
    return { kind: 'classified', type, status, completionStatus: completion, classifiedBy: 'completionStatus' };
  };
  if (completionStatus === 'succeeded') return byCompletion('run.succeeded', completionStatus);
  if (completionStatus === 'failed') {
    if (detail['status'] === 'ok' && announcementMissing(detail)) return byCompletion('report.undelivered', completionStatus);
    return byCompletion(SPECIFIC_ENDS.has(status) ? (typeOfStatus as string) : 'run.failed', completionStatus);
  }
  if (completionStatus === 'unknown') {
    // The work is done and nobody can prove that the announcement arrived: to the operator that is silence.
    if (detail['status'] === 'ok') return byCompletion('report.undelivered', completionStatus);
    return { kind: 'classified', type: typeOfStatus, status, completionStatus, classifiedBy: 'status' };
  }
  return { kind: 'unreadable', reason: `unknown detail.completionStatus ${quoted(completionStatus)}; known are succeeded, failed, unknown` };
}

function announcementMissing(detail: JsonObject): boolean {
  return detail['deliveryStatus'] === 'not-delivered' || (typeof detail['deliveryError'] === 'string' && detail['deliveryError'] !== '');
}
