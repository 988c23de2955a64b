import { type JsonObject, lineOf, quoted, textOf, withoutNulls } from '../foreign.ts';
import { type Fact, LINE_MAX, type Meaning, NOTHING, observed, one, placeOf, TEXT_MAX, unreadable } from './fact.ts';
import { type Hook, isId, mustBeId } from './hook.ts';

/** A turn begins: with a prompt that somebody typed, a scheduled one, or word from a subagent. The prompt itself stays out. */
export function promptMeaning(hook: Hook): Meaning {
  if (hook.prompt === null)
    return unreadable('prompt_id is missing: Claude Code sends it since 2.1.196, and nothing else tells one prompt from another');
  return one(observed(hook, 'run.started', { summary: 'a turn began' }));
}

/**
 * Stop: the end of a turn, not proof that anything was achieved. That it ended is Claude Code's to say; what the agent says
 * of it in its last message is the agent's own claim, and so an event of its own.
 */
export function stopMeaning(hook: Hook): Meaning {
  const { fields } = hook;
  const background = countOf(fields['background_tasks']);
  const crons = countOf(fields['session_crons']);
  const waits = [
    ...((background ?? 0) > 0 ? [`background tasks under way: ${background}`] : []),
    ...((crons ?? 0) > 0 ? [`scheduled wake-ups: ${crons}`] : []),
  ].join(', ');
  const words: JsonObject = {
    summary: `a turn ended${waits === '' ? '' : `; ${waits}`}; whether anything was achieved is not said by this`,
    backgroundTasks: background,
    sessionCrons: crons,
    continuedByHook: fields['stop_hook_active'] === true ? true : null,
  };
  return { kind: 'facts', facts: [observed(hook, 'run.progress', words, { also: fields['last_assistant_message'] }), ...claims(hook)] };
}

/** SubagentStop. Agents that Claude Code runs for its own features have an empty type, and are nobody's work. */
export function subagentMeaning(hook: Hook): Meaning {
  const { fields } = hook;
  if (fields['agent_type'] === '') return NOTHING;
  if (!isId(fields['agent_id'])) return unreadable(`agent_id ${mustBeId(fields['agent_id'])}`);
  const type = lineOf(fields['agent_type'], LINE_MAX) ?? 'unnamed';
  const words = { summary: `subagent ${type} ended; whether anything was achieved is not said by this` };
  return { kind: 'facts', facts: [observed(hook, 'run.progress', words, { also: fields['last_assistant_message'] }), ...claims(hook)] };
}

/** StopFailure: an API error ended the turn. Its `last_assistant_message` is the error as Claude Code shows it, not the agent's words. */
export function stopFailureMeaning(hook: Hook): Meaning {
  const { fields } = hook;
  const error = lineOf(fields['error'], LINE_MAX);
  if (error === null) return unreadable(`error must name the kind of error, found ${quoted(fields['error'])}`);
  const details = lineOf(fields['error_details'], LINE_MAX);
  const shown = lineOf(fields['last_assistant_message'], LINE_MAX);
  const why = [error, details ?? shown].filter((part) => part !== null).join(': ');
  return one(observed(hook, 'run.failed', { summary: `an API error ended the turn: ${why}`, error, details, shown }));
}

/** What the agent says at the end, if it says anything. */
function claims(hook: Hook): Fact[] {
  const message = hook.fields['last_assistant_message'];
  const text = textOf(message, TEXT_MAX);
  if (text === null) return [];
  const data = { ...withoutNulls({ summary: lineOf(message, LINE_MAX), message: text }), ...placeOf(hook) };
  return [{ type: 'run.progress', provenance: 'asserted', key: { fingerprintOf: ['claim', message, data] }, data }];
}

const countOf = (list: unknown): number | null => (Array.isArray(list) ? list.length : null);
