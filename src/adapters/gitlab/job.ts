import type { EventDraft } from '../../model/event.ts';
import { type JsonObject, lineOf, quoted, withoutNulls } from '../foreign.ts';
import { subjectOf } from '../subject-parts.ts';
import { nameOf, numberOf, type Read, unreadable } from '../values.ts';
import { firstTimeOf, refOf } from './fields.ts';
import type { Found } from './found.ts';
import { projectOfApi, projectOfWebhook } from './project.ts';
import { type State, stateOf } from './states.ts';

const NAME_MAX = 300;
const REASON_MAX = 100;
/** The one reason that says a time limit and nothing else; `stuck_or_timeout_failure` may also mean that no runner took the job. */
const TIME_LIMIT = 'job_execution_timeout';

/** One job as one event; null where it says nothing. A job that is retried gets a number of its own. */
export function draftOfJob({ object, by }: Found): Read<EventDraft | null> {
  const job = by === 'webhook' ? withoutPrefix(object) : object;
  const id = numberOf(job['id'], 'id');
  if (!id.ok) return id;
  const read = told(object, job, by, id.value);
  return read.ok ? read : unreadable(`job ${id.value}: ${read.reason}`);
}

/** In its webhook the fields of the job itself begin with `build_`; ref and tag do not. */
function withoutPrefix(payload: JsonObject): JsonObject {
  const job: JsonObject = { ref: payload['ref'], tag: payload['tag'] };
  for (const field of ['id', 'name', 'stage', 'status', 'started_at', 'finished_at', 'allow_failure', 'failure_reason'])
    job[field] = payload[`build_${field}`];
  return job;
}

function told(object: JsonObject, job: JsonObject, by: Found['by'], id: number): Read<EventDraft | null> {
  const state = judged(job);
  if (!state.ok || state.value === null) return state as Read<null>;
  const project = by === 'webhook' ? projectOfWebhook(object) : projectOfApi(object, 'jobs', id);
  if (!project.ok) return project;
  const name = nameOf(job['name'], NAME_MAX, 'name');
  if (!name.ok) return name;
  const ref = refOf(job, job['tag']);
  if (!ref.ok) return ref;
  const time = happened(job, state.value);
  if (!time.ok) return time;
  const { names, url } = project.value;
  const { type, severity, words } = state.value;
  const failure = lineOf(job['failure_reason'], REASON_MAX);
  const draft: EventDraft = {
    source: `gitlab/${by}/${names[0]}`,
    id: `job:${id}:${job['status']}`,
    type,
    subject: subjectOf('ci', [...names, 'jobs', name.value, ref.value.part]),
    ...(time.value === null ? {} : { time: time.value }),
    ...(severity === undefined ? {} : { severity }),
    provenance: 'observed',
    runid: `job/${id}`,
    data: withoutNulls({
      summary: `job ${lineOf(name.value, NAME_MAX)} ${words}`,
      job: id,
      name: lineOf(name.value, NAME_MAX),
      stage: lineOf(job['stage'], NAME_MAX),
      ref: lineOf(ref.value.name, NAME_MAX),
      status: job['status'],
      // What is not failed has one as well in webhooks, `unknown_failure`.
      failureReason: job['status'] === 'failed' ? failure : null,
      allowFailure: job['allow_failure'] === true ? true : null,
      url: `${url}/-/jobs/${id}`,
    }),
  };
  return { ok: true, value: draft };
}

/** A job that may fail is no matter for the night, and one that may be left out waits for nobody. */
function judged(job: JsonObject): Read<State | null> {
  const state = stateOf(job['status']);
  if (!state.ok || state.value === null) return state;
  const mayFail = job['allow_failure'];
  if (typeof mayFail !== 'boolean') return unreadable(`allow_failure must be true or false, found ${quoted(mayFail)}`);
  if (job['status'] === 'manual') return { ok: true, value: mayFail ? null : { ...state.value, words: 'waits for somebody to start it' } };
  if (job['status'] !== 'failed') return state;
  const reason = lineOf(job['failure_reason'], REASON_MAX);
  const timedOut = reason === TIME_LIMIT;
  return {
    ok: true,
    value: {
      type: timedOut ? 'run.timed_out' : 'run.failed',
      ...(mayFail ? { severity: 'warning' } : {}),
      words: `${timedOut ? 'ran into its time limit' : `failed${reason === null ? '' : ` (${reason})`}`}${mayFail ? ', which it may' : ''}`,
    },
  };
}

/** When it started, or when it ended. One that waits for somebody waits at the moment at which it is read: see pipelines. */
function happened(job: JsonObject, { type }: State): Read<string | null> {
  if (type === 'run.blocked') return { ok: true, value: null };
  const field = type === 'run.started' ? 'started_at' : 'finished_at';
  const time = firstTimeOf(job, [field]);
  return time.ok && time.value === null ? unreadable(`has no time ${field}`) : time;
}
