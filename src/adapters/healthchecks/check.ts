import type { EventDraft } from '../../model/event.ts';
import { formatTime, parseTime } from '../../model/time.ts';
import { fitted } from '../fitted.ts';
import { fingerprint, isObject, type JsonObject, quoted } from '../foreign.ts';

/** Who a check is: what stands in ids, and the subject. */
export interface Check {
  /** The UUID lets anybody send pings, so that only a fingerprint of it is ever written down. */
  key: string;
  subject: string;
  fields: JsonObject;
}

export type ReadCheck = { ok: true; check: Check } | { ok: false; reason: string };
export type Drafted = { kind: 'draft'; draft: EventDraft } | { kind: 'nothing' } | { kind: 'rejected'; reason: string };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** What a read-only key gets in its place. */
const UNIQUE_KEY = /^[0-9a-f]{40}$/;
const STATUSES = 'new, up, grace, down, paused';
export const SOURCE = 'healthchecks/checks';

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

export function readCheck(value: unknown): ReadCheck {
  if (!isObject(value)) return { ok: false, reason: `expected a check, found ${quoted(value)}` };
  const { uuid, unique_key: uniqueKey, slug } = value;
  const id = uuid ?? uniqueKey;
  if (!isUuid(id) && !(typeof id === 'string' && UNIQUE_KEY.test(id))) {
    return { ok: false, reason: 'a check must have a uuid, or with a read-only key a unique_key of 40 hexadecimal digits' };
  }
  if (typeof slug !== 'string') return { ok: false, reason: `slug must be text, found ${quoted(slug)}` };
  const key = fingerprint(id);
  return { ok: true, check: { key, subject: `job/${slug === '' ? `check~${key}` : fitted(slug)}`, fields: value } };
}

/**
 * What the status of a check says. `up` and `grace` mean that the last ping that counted was a success: the job's own claim, at `last_ping`. `down` is what
 * Healthchecks itself found; it does not say whether a failure was signalled or no success came in time. `hasPings`: the pings speak for the job.
 */
export function statusDraft({ key, subject, fields }: Check, hasPings: boolean): Drafted {
  const { status, last_ping: last = null } = fields;
  if (status === 'new' || status === 'paused') return { kind: 'nothing' };
  if (status !== 'up' && status !== 'grace' && status !== 'down')
    return { kind: 'rejected', reason: `unknown status ${quoted(status)}; known are ${STATUSES}` };
  if (hasPings && status !== 'down') return { kind: 'nothing' };
  const last_ms = typeof last === 'string' ? parseTime(last) : null;
  if (last_ms === null && !(last === null && status === 'down'))
    return { kind: 'rejected', reason: `last_ping must be a time, found ${quoted(last)}` };
  const lastPing = last_ms === null ? 'never' : formatTime(last_ms);
  if (status === 'down') {
    const summary = `Healthchecks says it is down: a failure was signalled, or no success in time; last ping: ${lastPing}`;
    const data = { summary, lastPing };
    return { kind: 'draft', draft: { source: SOURCE, id: `${key}:down:${lastPing}`, type: 'run.failed', subject, provenance: 'observed', data } };
  }
  const data = { summary: 'the last ping was a success' };
  return {
    kind: 'draft',
    draft: { source: SOURCE, id: `${key}:succeeded:${lastPing}`, type: 'run.succeeded', subject, time: lastPing, provenance: 'asserted', data },
  };
}
