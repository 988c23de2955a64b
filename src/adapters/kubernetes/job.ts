import type { EventDraft } from '../../model/event.ts';
import { isObject, type JsonObject, lineOf, quoted, withoutNulls } from '../foreign.ts';
import { subjectOf } from '../subject-parts.ts';
import { type Read, timeOf } from '../values.ts';
import { conditionsOf, KNOWN_CONDITIONS } from './conditions.ts';
import { cronJobOf, type Identity, SOURCE, type Told } from './objects.ts';

const MESSAGE_MAX = 2000;
const REASON_MAX = 200;
const NAME_MAX = 253;
/** The time that the CronJob had planned for; written by its controller, not by people. */
const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
/** Set by `kubectl create job --from=cronjob/...`. */
const INSTANTIATE = 'cronjob.kubernetes.io/instantiate';

/**
 * What a Job says: that it runs, or how it ended. A Job that waits or is suspended says nothing. One that belongs to a CronJob
 * reports for that one.
 */
export function tellJob(object: JsonObject, identity: Identity): Told {
  const status = object['status'] ?? {};
  if (!isObject(status)) return { drafts: [], reasons: [`status must be an object, found ${quoted(status)}`] };
  const read = conditionsOf(status);
  if (!read.ok) return { drafts: [], reasons: [read.reason] };
  const { phase, end, strange } = read.value;
  if (end !== null) return toldOf(endOf(object, status, identity, end), []);
  const reasons = strange.map((type) => `unknown condition ${quoted(type)} is in force before any end; known are ${KNOWN_CONDITIONS}`);
  return toldOf(phase === 'held' ? null : startOf(object, status, identity), reasons);
}

function toldOf(drafted: Read<EventDraft> | null, reasons: string[]): Told {
  if (drafted === null) return { drafts: [], reasons };
  return drafted.ok ? { drafts: [drafted.value], reasons } : { drafts: [], reasons: [drafted.reason, ...reasons] };
}

/**
 * The id holds the start, because a Job that was suspended and is resumed starts anew. Null before its controller has taken it up:
 * `startTime` is the moment at which that happened.
 */
function startOf(object: JsonObject, status: JsonObject, identity: Identity): Read<EventDraft> | null {
  if (status['startTime'] === undefined || status['startTime'] === null) return null;
  const time = timeOf(status['startTime'], 'status.startTime');
  return time.ok ? draft(object, identity, { id: `started:${time.value}`, type: 'run.started', time: time.value, facts: {} }) : time;
}

function endOf(object: JsonObject, status: JsonObject, identity: Identity, end: JsonObject): Read<EventDraft> {
  const failed = end['type'] === 'Failed';
  const time = timeOf(end['lastTransitionTime'], `lastTransitionTime of the condition ${quoted(end['type'])}`);
  if (!time.ok) return time;
  const reason = lineOf(end['reason'], REASON_MAX);
  const start = timeOf(status['startTime'], 'status.startTime');
  const duration_ms = start.ok ? Date.parse(time.value) - Date.parse(start.value) : -1;
  const type = !failed ? 'run.succeeded' : reason === 'DeadlineExceeded' ? 'run.timed_out' : 'run.failed';
  return draft(object, identity, {
    id: failed ? 'failed' : 'complete',
    type,
    time: time.value,
    facts: {
      summary: lineOf(end['message'], MESSAGE_MAX) ?? reason ?? (failed ? 'the Job failed and does not say why' : 'the Job is complete'),
      condition: end['type'],
      reason,
      durationMs: duration_ms >= 0 ? duration_ms : null,
    },
  });
}

interface Word {
  id: string;
  type: string;
  time: string;
  facts: Record<string, unknown>;
}

function draft(object: JsonObject, { namespace, name, uid }: Identity, { id, type, time, facts }: Word): Read<EventDraft> {
  const owner = cronJobOf(object);
  if (!owner.ok) return owner;
  const cronJob = owner.value?.name ?? null;
  const annotations = isObject(object['metadata']) ? object['metadata']['annotations'] : undefined;
  const scheduled = timeOf(isObject(annotations) ? annotations[SCHEDULED] : undefined, SCHEDULED);
  const manual = isObject(annotations) && annotations[INSTANTIATE] === 'manual';
  return {
    ok: true,
    value: {
      source: SOURCE,
      id: `${uid}:${id}`,
      type,
      subject: cronJob === null ? subjectOf('job', [namespace, name]) : subjectOf('cronjob', [namespace, cronJob]),
      time,
      provenance: 'observed',
      runid: uid,
      data: withoutNulls({
        ...facts,
        namespace: lineOf(namespace, NAME_MAX),
        job: lineOf(name, NAME_MAX),
        cronJob: lineOf(cronJob, NAME_MAX),
        scheduledTime: scheduled.ok ? scheduled.value : null,
        manual: manual ? true : null,
      }),
    },
  };
}
