import { fitted } from '../fitted.ts';
import type { JsonObject } from '../foreign.ts';

/**
 * Who owes the report: a cron job by its name (whoever runs it), anything else by its agent.
 * A cron run without a name falls back to the job's id, so that the runs of one job still share a subject.
 */
export function subjectOf(task: JsonObject, taskId: string): string {
  if (task['runtime'] === 'cron') {
    const job = text(task['label']) ?? text(task['title']) ?? text(task['sourceId']);
    if (job !== null) return `job/${fitted(job)}`;
  } else {
    const agent = text(task['agentId']);
    if (agent !== null) return `agent/${fitted(agent)}`;
  }
  return `task/${fitted(taskId)}`;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}
