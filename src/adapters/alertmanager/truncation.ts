import type { EventDraft } from '../../model/event.ts';
import { parseTime } from '../../model/time.ts';
import { fitted } from '../fitted.ts';
import { fingerprint, flawOf, isObject, type JsonObject, lineOf, quoted, withoutNulls } from '../foreign.ts';

export type Truncation = { kind: 'none' } | { kind: 'draft'; draft: EventDraft } | { kind: 'rejected'; reason: string };

const LINE_MAX = 500;

/**
 * `max_alerts` cuts a group, and Alertmanager then says how many alerts it left out, but not which: the source cannot be heard in full, which is an
 * event, so that a person learns of it. Known again by its group, the number, and the alerts that were left in: a later cut is another one.
 */
export function truncationOf(message: JsonObject, alerts: readonly unknown[]): Truncation {
  const { truncatedAlerts: count = 0, receiver, groupKey } = message;
  if (count === 0) return { kind: 'none' };
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
    return { kind: 'rejected', reason: `truncatedAlerts must be the number of alerts that were left out, found ${quoted(count)}` };
  }
  if (typeof receiver !== 'string' || receiver === '' || typeof groupKey !== 'string') {
    return {
      kind: 'rejected',
      reason: `${count} alerts were left out (max_alerts), of the receiver ${quoted(receiver)} and the group ${quoted(groupKey)}`,
    };
  }
  const summary = `${count} alerts of a group were left out of what Alertmanager sent (max_alerts of the receiver); which ones is not said`;
  const draft: EventDraft = {
    source: 'alertmanager/webhook',
    id: `truncated:${fingerprint(JSON.stringify([receiver, groupKey, count, alerts.map(episodeOf).sort()]))}`,
    type: 'source.failing',
    subject: `source/alertmanager/${fitted(receiver)}`,
    provenance: 'observed',
    data: withoutNulls({ summary, truncatedAlerts: count, receiver: lineOf(receiver, LINE_MAX), groupKey: lineOf(groupKey, LINE_MAX) }),
  };
  const flaw = flawOf(draft);
  return flaw === null ? { kind: 'draft', draft } : { kind: 'rejected', reason: `${count} alerts were left out (max_alerts): ${flaw}` };
}

/** An instant may be spelled in any zone. */
function episodeOf(alert: unknown): string {
  if (!isObject(alert)) return '';
  const { fingerprint: of, startsAt, status } = alert;
  return JSON.stringify([of, typeof startsAt === 'string' ? parseTime(startsAt) : null, status]);
}
