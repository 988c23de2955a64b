import type { Adapter, Translation } from '../adapter.ts';
import { flawOf, isObject, quoted } from '../foreign.ts';
import { jobsOfCronJobs, keyOf, type Latest, tellCronJob } from './cron-job.ts';
import { tellJob } from './job.ts';
import { API_VERSION, identityOf, itemsIn, type Told } from './objects.ts';

/**
 * Jobs and CronJobs of Kubernetes (API `batch/v1`), by their status. Poll as often as you like: a state that was seen before yields
 * the same event again, under the id `<uid>:<state>`. Everything is `observed`, because the controllers say it and not the work;
 * the message of a condition is the controller's, too. The subject is `cronjob/<namespace>/<name>` or `job/<namespace>/<name>`:
 * kubectl does not print which cluster it asked, so that one state folder is for one cluster.
 * After https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ and k8s.io/api/batch/v1.
 */
export const adapter: Adapter = {
  name: 'kubernetes',
  summary: 'Jobs and CronJobs of Kubernetes, as printed by `kubectl get jobs,cronjobs -o json`',
  translate(input: Uint8Array): Translation {
    const translation: Translation = { events: [], rejected: [] };
    const items = itemsIn(input);
    if (!items.ok) {
      translation.rejected.push({ where: 'input', reason: items.reason });
      return translation;
    }
    const jobs = jobsOfCronJobs(items.value);
    for (const { where, object } of items.value) {
      const { drafts, reasons } = tell(object, jobs);
      for (const draft of drafts) {
        const flaw = flawOf(draft);
        if (flaw === null) translation.events.push(draft);
        else reasons.push(flaw);
      }
      translation.rejected.push(...reasons.map((reason) => ({ where, reason })));
    }
    return translation;
  },
};

function tell(object: unknown, jobs: ReadonlyMap<string, Latest>): Told {
  const refused = (reason: string): Told => ({ drafts: [], reasons: [reason] });
  if (!isObject(object)) return refused(`expected a Job or a CronJob, found ${quoted(object)}`);
  const kind = object['kind'];
  // Other groups have a Job of their own, with other states.
  if ((kind !== 'Job' && kind !== 'CronJob') || object['apiVersion'] !== API_VERSION) {
    return refused(`expected a Job or a CronJob of ${API_VERSION}, found ${quoted(kind)} of ${quoted(object['apiVersion'])}`);
  }
  const identity = identityOf(object);
  if (!identity.ok) return refused(`${kind}: ${identity.reason}`);
  const named = ({ drafts, reasons }: Told): Told => ({
    drafts,
    reasons: reasons.map((reason) => `${kind} ${quoted(identity.value.name)}: ${reason}`),
  });
  if (kind === 'Job') return named(tellJob(object, identity.value));
  return named(tellCronJob(object, identity.value, jobs.get(keyOf(identity.value))));
}
