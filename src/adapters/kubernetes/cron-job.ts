import { isObject, type JsonObject, lineOf, quoted } from '../foreign.ts';
import { subjectOf } from '../subject-parts.ts';
import { timeOf } from '../values.ts';
import { API_VERSION, cronJobOf, type Identity, type Item, identityOf, SOURCE, type Told } from './objects.ts';

/** The latest of the Jobs of one CronJob that are in the input, as times in the form of artifacts; empty where there is none. */
export interface Latest {
  created: string;
  completed: string;
}

const NAME_MAX = 253;

/** What the times in the status of a CronJob (`CronJobStatus`) stand for, and which time of a Job says the same. */
const WORDS = [
  { field: 'lastScheduleTime', type: 'run.started', id: 'scheduled', summary: 'a Job was made as the schedule said', saidBy: 'created' },
  { field: 'lastSuccessfulTime', type: 'run.succeeded', id: 'succeeded', summary: 'a Job of this schedule succeeded', saidBy: 'completed' },
] as const;

/**
 * What a CronJob itself says: when a Job was last made, and when one last succeeded; never that one failed, and not which Job it was,
 * so that these events have no run. Whatever a Job in the same input says itself is left to that Job: what remains is for inputs
 * without Jobs (`kubectl get cronjobs`) and for Jobs that are gone already.
 */
export function tellCronJob(object: JsonObject, { namespace, name, uid }: Identity, jobs: Latest = { created: '', completed: '' }): Told {
  const status = object['status'] ?? {};
  if (!isObject(status)) return { drafts: [], reasons: [`status must be an object, found ${quoted(status)}`] };
  const told: Told = { drafts: [], reasons: [] };
  for (const { field, type, id, summary, saidBy } of WORDS) {
    if (status[field] === undefined || status[field] === null) continue;
    const time = timeOf(status[field], `status.${field}`);
    if (!time.ok) told.reasons.push(time.reason);
    else if (jobs[saidBy] < time.value) {
      told.drafts.push({
        source: SOURCE,
        id: `${uid}:${id}:${time.value}`,
        type,
        subject: subjectOf('cronjob', [namespace, name]),
        time: time.value,
        provenance: 'observed',
        data: { summary, namespace: lineOf(namespace, NAME_MAX), cronJob: lineOf(name, NAME_MAX), toldBy: field },
      });
    }
  }
  return told;
}

/** For each CronJob that owns a Job in the input, how late its Jobs go. A Job is made at the time of its schedule or after it. */
export function jobsOfCronJobs(items: readonly Item[]): Map<string, Latest> {
  const jobs = new Map<string, Latest>();
  for (const { object } of items) {
    if (!isObject(object) || object['kind'] !== 'Job' || object['apiVersion'] !== API_VERSION) continue;
    const identity = identityOf(object);
    const owner = cronJobOf(object);
    if (!identity.ok || !owner.ok || owner.value === null) continue;
    const key = keyOf({ namespace: identity.value.namespace, uid: owner.value.uid });
    const latest = jobs.get(key) ?? { created: '', completed: '' };
    const metadata = object['metadata'] as JsonObject;
    const status = isObject(object['status']) ? object['status'] : {};
    jobs.set(key, { created: later(latest.created, metadata['creationTimestamp']), completed: later(latest.completed, status['completionTime']) });
  }
  return jobs;
}

export const keyOf = ({ namespace, uid }: Pick<Identity, 'namespace' | 'uid'>): string => JSON.stringify([namespace, uid]);

/** Of two times the later one; what is no time is none. */
function later(known: string, value: unknown): string {
  const time = timeOf(value, 'time');
  return time.ok && time.value > known ? time.value : known;
}
