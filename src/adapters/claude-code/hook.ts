import { isObject, type JsonObject, quoted } from '../json-values.ts';

/** The fields that every hook carries, and the rest as it came. */
export interface Hook {
  name: string;
  session: string;
  /** The user prompt that is being worked on; null before the first one, and from Claude Code before 2.1.196. */
  prompt: string | null;
  fields: JsonObject;
}

/** The session: the one field that every hook of a session carries unchanged. */
export const subjectOf = ({ session }: Hook): string => `agent/claude-code/${session}`;

export type ReadHook = { ok: true; hook: Hook } | { ok: false; reason: string };

/** Sessions and prompts are UUIDs, tool calls words of the API: nothing of it needs to be bent to fit a subject or an id. */
const ID = /^[A-Za-z0-9_-]{1,128}$/;

/** The common input fields: https://code.claude.com/docs/en/hooks, "Common input fields". */
export function readHook(value: unknown): ReadHook {
  if (!isObject(value))
    return { ok: false, reason: `expected what a Claude Code hook gets on standard input, a JSON object; found ${quoted(value)}` };
  const { hook_event_name: name, session_id: session, prompt_id: prompt = null } = value;
  if (typeof name !== 'string' || name === '') return { ok: false, reason: `hook_event_name must name the hook, found ${quoted(name)}` };
  if (!isId(session)) return { ok: false, reason: `${named(name)}: session_id ${mustBeId(session)}` };
  if (prompt !== null && !isId(prompt)) return { ok: false, reason: `${named(name)}: prompt_id ${mustBeId(prompt)}` };
  return { ok: true, hook: { name, session, prompt, fields: value } };
}

export function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

export function mustBeId(found: unknown): string {
  return `must be 1 to 128 letters, digits, dashes or underscores, found ${quoted(found)}`;
}

/** A hook's name inside a reason. */
export function named(name: string): string {
  return /^[A-Za-z]{1,40}$/.test(name) ? name : quoted(name);
}
