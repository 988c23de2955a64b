import type { EventDraft } from '../../../src/model/event.ts';
import { isSubjectOf } from './subjects.ts';

type Json = Record<string, unknown>;

const object = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {});

/** Types that a pipeline or job may become, by its words alone: a table written beside the adapter's rules, not taken from them. */
const TYPES: Record<string, string> = { running: 'run.started', success: 'run.succeeded', canceled: 'run.cancelled', manual: 'run.blocked' };

interface Told {
  by: 'webhook' | 'api';
  kind: 'pipeline' | 'job';
  /** With the field names of the REST API. */
  thing: Json;
  project: string;
}

function toldBy(document: Json): Told {
  const project = String(object(document['project'])['web_url'] ?? object(document['repository'])['homepage']);
  if (document['object_kind'] === 'pipeline') return { by: 'webhook', kind: 'pipeline', thing: object(document['object_attributes']), project };
  if (document['object_kind'] === 'build') {
    const fields = Object.entries(document).flatMap(([name, value]) => (name.startsWith('build_') ? [[name.slice('build_'.length), value]] : []));
    return { by: 'webhook', kind: 'job', thing: { ...Object.fromEntries(fields), ref: document['ref'], tag: document['tag'] }, project };
  }
  const [, before = '', what] = /^(.*?)(?:\/-)?\/(pipelines|jobs)\/\d+$/.exec(String(document['web_url'])) ?? [];
  return { by: 'api', kind: what === 'jobs' ? 'job' : 'pipeline', thing: document, project: before };
}

const atSecond = (time: unknown): number => Math.floor(Date.parse(String(time)) / 1000);

function says(draft: EventDraft, { by, kind, thing, project }: Told): boolean {
  const { id, status, ref, name, source, tag } = thing;
  const late = kind === 'job' && String(thing['failure_reason']).trim() === 'job_execution_timeout';
  const type = status === 'failed' ? (late ? 'run.timed_out' : 'run.failed') : TYPES[String(status)];
  if (draft.type !== type || draft.runid !== `${kind}/${id}` || !draft.id.startsWith(`${kind}:${id}:${status}`)) return false;
  if (status === 'manual' && kind === 'job' && thing['allow_failure'] !== false) return false;
  const began = kind === 'job' ? thing['started_at'] : thing['created_at'];
  const time =
    status === 'manual' ? undefined : status === 'running' ? began : (thing['finished_at'] ?? (kind === 'job' ? null : thing['updated_at']));
  if (time === undefined ? draft.time !== undefined : atSecond(draft.time) !== atSecond(time)) return false;
  const [host = '', ...path] = project.replace(/^https?:\/\//, '').split('/');
  const where = tag === true && (by === 'webhook' || kind === 'job') ? `tag:${ref}` : ref;
  const names = [host.toLowerCase(), ...path, ...(kind === 'job' ? ['jobs', name] : ['pipelines', source]), where];
  return draft.source === `gitlab/${by}/${names[0]}` && isSubjectOf(draft.subject, 'ci', names);
}

export function follows(draft: EventDraft, input: unknown): string | null {
  const documents = (Array.isArray(input) ? input : [input]).map(object);
  if (!documents.some((document) => says(draft, toldBy(document)))) return `${draft.type} of ${draft.subject} follows from no pipeline and no job`;
  return draft.provenance === 'observed' ? null : 'another provenance';
}
