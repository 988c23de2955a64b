import { parseStrict } from '../../model/json.ts';
import { isObject, quoted } from '../foreign.ts';

export type Envelope = { ok: true; tasks: unknown[] } | { ok: false; reason: string };

/**
 * Finds the list of tasks in what OpenClaw printed. Three wrappings are known:
 * `{count, runtime, status, tasks}` from `openclaw tasks list --json`, `{tasks}` from `openclaw gateway call tasks.list --json`,
 * and `{id, ok: true, payload: {tasks}}` from the admin RPC endpoint. Failures come as `{ok: false, error: {code, message}}`.
 */
export function openEnvelope(input: Uint8Array): Envelope {
  const parsed = parseStrict(input);
  if (!parsed.ok) return { ok: false, reason: parsed.detail };
  const body = parsed.value;
  if (!isObject(body)) return notATaskList(`this is ${quoted(body)}`);
  if (body['ok'] === false) return { ok: false, reason: `OpenClaw answered with an error: ${describeError(body['error'])}` };
  const holder = isObject(body['payload']) ? body['payload'] : body;
  if (!Array.isArray(holder['tasks'])) {
    const keys = Object.keys(holder).slice(0, 8).map(quoted).join(', ');
    return notATaskList(keys === '' ? 'this is an empty object' : `this has ${keys}`);
  }
  return { ok: true, tasks: holder['tasks'] };
}

function notATaskList(found: string): Envelope {
  return { ok: false, reason: `expected the output of \`openclaw tasks list --json\`, an object with a list "tasks"; ${found}` };
}

function describeError(error: unknown): string {
  if (!isObject(error)) return quoted(error);
  const message = typeof error['message'] === 'string' ? quoted(error['message']) : 'no message';
  return typeof error['code'] === 'string' ? `${quoted(error['code'])}, ${message}` : message;
}
