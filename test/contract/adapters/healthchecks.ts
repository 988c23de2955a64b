import { isUuid } from '../../../src/adapters/healthchecks/check.ts';
import type { EventDraft } from '../../../src/model/event.ts';
import { isNamed } from './named.ts';

type Json = Record<string, unknown>;

const PING_TYPES: Record<string, string> = { 'run.started': 'start', 'run.succeeded': 'success', 'run.failed': 'fail', 'run.progress': 'log' };
const instant = (text: unknown): number => Date.parse(String(text));
const objects = (list: unknown): Json[] => (Array.isArray(list) ? list.filter((item) => typeof item === 'object' && item !== null) : []) as Json[];

/** Some check of the input has that slug, and its status or one of its pings says so. What a job says is asserted, what Healthchecks found is observed. */
export function follows(draft: EventDraft, input: unknown): string | null {
  const body = input as Json;
  const checks = Array.isArray(body['checks']) ? objects(body['checks']) : objects([body['check'], body]);
  const fits = checks.some((check) => {
    const id = check['uuid'] ?? check['unique_key'];
    const named = check['slug'] === '' ? isNamed(draft.subject, 'job/check', String(id)) : isNamed(draft.subject, 'job/', String(check['slug']));
    if (!named || typeof id !== 'string') return false;
    if (draft.id.includes(':ping:')) return draft.provenance === 'asserted' && objects(body['pings']).some((ping) => saysSo(draft, ping));
    if (draft.type === 'run.failed') return draft.provenance === 'observed' && check['status'] === 'down' && draft.time === undefined;
    const up = check['status'] === 'up' || check['status'] === 'grace';
    return draft.type === 'run.succeeded' && draft.provenance === 'asserted' && up && instant(draft.time) === instant(check['last_ping']);
  });
  if (!fits) return `${draft.type} of ${draft.subject} follows from no check and no ping`;
  // A mutation may put any word in the place of a UUID, one that the adapter itself says among them: only a real one counts.
  const told = JSON.stringify([draft.id, draft.data]);
  return checks.some(({ uuid }) => isUuid(uuid) && told.includes(uuid)) ? 'tells the UUID of a check' : null;
}

function saysSo(draft: EventDraft, ping: Json): boolean {
  return (
    ping['type'] === PING_TYPES[draft.type] &&
    draft.id.endsWith(`:ping:${ping['n']}:${ping['type']}`) &&
    instant(ping['date']) === instant(draft.time) &&
    (ping['rid'] ?? undefined) === draft.runid
  );
}
