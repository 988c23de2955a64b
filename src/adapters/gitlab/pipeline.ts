import type { EventDraft } from '../../model/event.ts';
import { isObject, type JsonObject, lineOf, quoted, withoutNulls } from '../foreign.ts';
import { subjectOf } from '../subject-parts.ts';
import { numberOf, type Read, unreadable } from '../values.ts';
import { firstTimeOf, refOf } from './fields.ts';
import type { Found } from './found.ts';
import { projectOfApi, projectOfWebhook } from './project.ts';
import { type State, stateOf } from './states.ts';

const REF_MAX = 300;
/** What started a pipeline: words with underscores, such as schedule or merge_request_event. */
const SOURCE = /^[a-z][a-z_]{0,50}$/;

/** One pipeline as one event; null where it says nothing. */
export function draftOfPipeline({ object, by }: Found): Read<EventDraft | null> {
  const pipeline = by === 'webhook' ? object['object_attributes'] : object;
  if (!isObject(pipeline)) return unreadable(`object_attributes must be an object, found ${quoted(pipeline)}`);
  const id = numberOf(pipeline['id'], 'id');
  if (!id.ok) return id;
  const read = told(object, pipeline, by, id.value);
  return read.ok ? read : unreadable(`pipeline ${id.value}: ${read.reason}`);
}

function told(object: JsonObject, pipeline: JsonObject, by: Found['by'], id: number): Read<EventDraft | null> {
  const state = stateOf(pipeline['status']);
  if (!state.ok || state.value === null) return state as Read<null>;
  const project = by === 'webhook' ? projectOfWebhook(object) : projectOfApi(object, 'pipelines', id);
  if (!project.ok) return project;
  const source = pipeline['source'];
  if (typeof source !== 'string' || !SOURCE.test(source)) return unreadable(`source must be a word such as schedule, found ${quoted(source)}`);
  // The list of pipelines does not tell tags from branches, so that this is asked of webhooks only.
  const ref = refOf(pipeline, by === 'webhook' && pipeline['tag']);
  if (!ref.ok) return ref;
  const time = happened(pipeline, state.value);
  if (!time.ok) return time;
  const { names, url } = project.value;
  const { type, severity, words } = state.value;
  const draft: EventDraft = {
    source: `gitlab/${by}/${names[0]}`,
    // A pipeline in which jobs are retried ends once more, in the same state or another one; each end is an event of its own.
    id: `pipeline:${id}:${pipeline['status']}${type === 'run.started' || time.value === null ? '' : `:${time.value}`}`,
    type,
    subject: subjectOf('ci', [...names, 'pipelines', source, ref.value.part]),
    ...(time.value === null ? {} : { time: time.value }),
    ...(severity === undefined ? {} : { severity }),
    provenance: 'observed',
    runid: `pipeline/${id}`,
    data: withoutNulls({
      summary: `pipeline ${id} ${words}`,
      pipeline: id,
      source,
      ref: lineOf(ref.value.name, REF_MAX),
      status: pipeline['status'],
      url: `${url}/-/pipelines/${id}`,
    }),
  };
  return { ok: true, value: draft };
}

/**
 * When it was made (neither lists nor webhooks know when it started), or when it ended. Lists have no end, there `updated_at` has to
 * do, and may differ by a second from what one pipeline by itself says. One that is blocked is blocked at the moment at
 * which it is read; when it came to that, nothing says, and so its event takes the time at which it is first recorded.
 */
function happened(pipeline: JsonObject, { type }: State): Read<string | null> {
  if (type === 'run.blocked') return { ok: true, value: null };
  const fields = type === 'run.started' ? ['created_at'] : ['finished_at', 'updated_at'];
  const time = firstTimeOf(pipeline, fields);
  return time.ok && time.value === null ? unreadable(`has none of the times ${fields.join(', ')}`) : time;
}
