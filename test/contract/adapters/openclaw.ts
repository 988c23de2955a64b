import type { EventDraft } from '../../../src/model/event.ts';

type Json = Record<string, unknown>;

/** Types that a task may become, by its words alone: a table written beside the adapter's rules, not taken from them. */
function typesAllowed(task: Json): string[] {
  const detail = (typeof task['detail'] === 'object' && task['detail'] !== null ? task['detail'] : {}) as Json;
  const byStatus: Record<string, string[]> = {
    running: ['run.started'],
    succeeded: ['run.succeeded'],
    completed: ['run.succeeded'],
    failed: ['run.failed'],
    timed_out: ['run.timed_out'],
    cancelled: ['run.cancelled'],
    lost: ['run.lost'],
  };
  const status = byStatus[String(task['status'])] ?? [];
  const ok = detail['status'] === 'ok';
  const silent = detail['deliveryStatus'] === 'not-delivered' || (typeof detail['deliveryError'] === 'string' && detail['deliveryError'] !== '');
  switch (detail['completionStatus'] ?? null) {
    case null:
      return status;
    case 'succeeded':
      return ['run.succeeded'];
    case 'failed':
      if (ok && silent) return ['report.undelivered'];
      return ['timed_out', 'cancelled', 'lost'].includes(String(task['status'])) ? status : ['run.failed'];
    case 'unknown':
      return ok ? ['report.undelivered'] : status;
    default:
      return [];
  }
}

function subjectFollows(subject: string, task: Json): boolean {
  const named = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
  const [kind, name] =
    task['runtime'] === 'cron'
      ? ['job', [task['label'], task['title'], task['sourceId']].find(named)]
      : ['agent', named(task['agentId']) ? task['agentId'] : undefined];
  const [prefix, original] = name === undefined ? ['task/', String(task['taskId'])] : [`${kind}/`, name];
  // Either the very name, or one that carries a fingerprint because something had to be replaced.
  return subject === `${prefix}${original}` || (subject.startsWith(prefix) && /~[0-9a-f]{12}$/.test(subject));
}

export function follows(draft: EventDraft, input: unknown): string | null {
  const body = input as Json;
  const holder = (
    typeof body['payload'] === 'object' && body['payload'] !== null && !Array.isArray(body['payload']) ? body['payload'] : body
  ) as Json;
  const tasks = (holder['tasks'] as (Json | null)[]).filter((task) => typeof task?.['taskId'] === 'string');
  const fits = tasks.some((task) => {
    if (!task || draft.data?.['taskId'] !== task['taskId'] || !draft.id.startsWith(`${task['taskId']}:`)) return false;
    return typesAllowed(task).includes(draft.type) && subjectFollows(draft.subject, task);
  });
  if (!fits) return `${draft.type} of ${draft.subject} follows from no task`;
  return draft.source === 'openclaw/tasks' && draft.provenance === 'observed' ? null : 'another source or provenance';
}
