import type { EventDraft } from '../../../src/model/event.ts';
import { isSubjectOf } from './subjects.ts';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Types that a run may become, by its words alone: a table written beside the adapter's rules, not taken from them. */
const TYPES: Record<string, string> = {
  'completed success': 'run.succeeded',
  'completed failure': 'run.failed',
  'completed startup_failure': 'run.failed',
  'completed timed_out': 'run.timed_out',
  'completed cancelled': 'run.cancelled',
  'completed stale': 'run.lost',
  'completed action_required': 'run.blocked',
};

function runsIn(input: unknown): unknown[] {
  if (Array.isArray(input)) return input.flatMap((one) => (isObject(one) && Array.isArray(one['workflow_runs']) ? one['workflow_runs'] : [one]));
  if (!isObject(input)) return [];
  return Array.isArray(input['workflow_runs']) ? input['workflow_runs'] : [input['workflow_run'], input];
}

export function follows(draft: EventDraft, input: unknown): string | null {
  const fits = runsIn(input).some((run) => {
    if (!isObject(run)) return false;
    const byGh = 'databaseId' in run;
    const field = (api: string, gh: string): unknown => run[byGh ? gh : api];
    const [id, attempt, status] = [field('id', 'databaseId'), field('run_attempt', 'attempt'), run['status']];
    const type = status === 'in_progress' ? 'run.started' : TYPES[`${status} ${run['conclusion']}`];
    if (draft.type !== type || draft.runid !== `${id}/attempts/${attempt}` || !draft.id.startsWith(`${id}/${attempt}:`)) return false;
    const times = [field('run_started_at', 'startedAt'), field('updated_at', 'updatedAt')].map((time) => Date.parse(String(time)));
    if (Date.parse(draft.time ?? '') !== (type === 'run.started' ? times[0] : Math.max(...times))) return false;
    const [, host = '', owner, repository, number] =
      /^https?:\/\/([^/]+)\/([^/]+)\/([^/]+)\/actions\/runs\/(\d+)/.exec(String(field('html_url', 'url'))) ?? [];
    const file = /^\.github\/workflows\/([^/]+?\.ya?ml)(@.+)?$/.exec(String(run['path']))?.[1];
    const workflow = byGh ? [run['workflowName']] : file === undefined ? [run['path']] : ['workflows', file];
    const branch = field('head_branch', 'headBranch') || null;
    const names = [host.toLowerCase(), owner, repository, ...workflow, run['event'], ...(branch === null ? [] : [branch])];
    return number === String(id) && draft.source === `github-actions/${byGh ? 'gh' : 'api'}/${names[0]}` && isSubjectOf(draft.subject, 'ci', names);
  });
  if (!fits) return `${draft.type} of ${draft.subject} follows from no run`;
  return draft.provenance === 'observed' ? null : 'another provenance';
}
