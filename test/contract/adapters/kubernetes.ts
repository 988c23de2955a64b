import type { EventDraft } from '../../../src/model/event.ts';
import { isSubjectOf } from './subjects.ts';

type Json = Record<string, unknown>;

const object = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {});
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);
const sameTime = (a: unknown, b: unknown): boolean => typeof a === 'string' && typeof b === 'string' && Date.parse(a) === Date.parse(b);

/** Types that the Job may become by its conditions and times: a table written beside the adapter's rules, not taken from them. */
function jobSays(draft: EventDraft, job: Json): boolean {
  const status = object(job['status']);
  const inForce = (type: string) => list(status['conditions']).find((one) => one['type'] === type && one['status'] === 'True');
  const [complete, failed] = [inForce('Complete'), inForce('Failed')];
  if (draft.runid !== object(job['metadata'])['uid'] || !draft.id.startsWith(`${draft.runid}:`) || (complete && failed)) return false;
  if (draft.type === 'run.succeeded') return complete !== undefined && sameTime(complete['lastTransitionTime'], draft.time);
  if (draft.type === 'run.started') return !complete && !failed && !inForce('Suspended') && sameTime(status['startTime'], draft.time);
  const late = String(failed?.['reason']).trim() === 'DeadlineExceeded';
  return failed !== undefined && draft.type === (late ? 'run.timed_out' : 'run.failed') && sameTime(failed['lastTransitionTime'], draft.time);
}

function namesIt(draft: EventDraft, item: Json): boolean {
  const { namespace, name, ownerReferences } = object(item['metadata']);
  const owner = list(ownerReferences).find((one) => one['kind'] === 'CronJob' && String(one['apiVersion']).startsWith('batch/'));
  if (item['kind'] === 'CronJob') return isSubjectOf(draft.subject, 'cronjob', [namespace, name]);
  return owner ? isSubjectOf(draft.subject, 'cronjob', [namespace, owner['name']]) : isSubjectOf(draft.subject, 'job', [namespace, name]);
}

export function follows(draft: EventDraft, input: unknown): string | null {
  const body = object(input);
  const kinds: Json = { JobList: 'Job', CronJobList: 'CronJob' };
  const named = kinds[String(body['kind'])];
  const wrapped = named === undefined ? {} : { kind: named, apiVersion: body['apiVersion'] };
  const items = body['kind'] === 'List' || named !== undefined ? list(body['items']).map((item) => ({ ...wrapped, ...item })) : [body];
  const fits = items.some((item: Json) => {
    if (item['apiVersion'] !== 'batch/v1' || !namesIt(draft, item)) return false;
    if (item['kind'] === 'Job') return jobSays(draft, item);
    const field = draft.type === 'run.started' ? 'lastScheduleTime' : 'lastSuccessfulTime';
    const uid = String(object(item['metadata'])['uid']);
    return draft.runid === undefined && draft.id.startsWith(`${uid}:`) && sameTime(object(item['status'])[field], draft.time);
  });
  if (!fits) return `${draft.type} of ${draft.subject} follows from no object`;
  return draft.source === 'kubernetes/batch' && draft.provenance === 'observed' ? null : 'another source or provenance';
}
