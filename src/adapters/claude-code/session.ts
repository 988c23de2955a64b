import type { Severity } from '../../model/artifacts.ts';
import { lineOf, quoted, textOf } from '../foreign.ts';
import { LINE_MAX, type Meaning, NOTHING, observed, one, TEXT_MAX, unreadable } from './fact.ts';
import type { Hook } from './hook.ts';

const STARTS = ['startup', 'resume', 'clear', 'fork'];
/** The last one is sent by Claude Code before 2.1.234 alone. */
const END_REASONS = ['clear', 'resume', 'logout', 'prompt_input_exit', 'other', 'bypass_permissions_disabled'];

/** Notifications that mean something here. Those that say who has to act make the session blocked; null says nothing of its work. */
const NOTIFICATIONS: Record<string, { type: string; severity?: Severity } | null> = {
  permission_prompt: { type: 'run.blocked' },
  elicitation_dialog: { type: 'run.blocked' },
  elicitation_url_dialog: { type: 'run.blocked' },
  agent_needs_input: { type: 'run.blocked' },
  quota_auto_resume_stale: { type: 'run.blocked' },
  quota_auto_resume_disabled: { type: 'run.blocked' },
  // The work may well be done; nobody but a person can say so.
  idle_prompt: { type: 'run.blocked', severity: 'warning' },
  quota_auto_resume_fired: { type: 'run.progress' },
  auth_success: null,
  elicitation_complete: null,
  elicitation_response: null,
};

export function startMeaning(hook: Hook): Meaning {
  const { source, model, context_tokens, seconds_since_last_response } = hook.fields;
  const known = typeof source === 'string' && (STARTS.includes(source) || source === 'compact');
  if (!known) return unreadable(`unknown source ${quoted(source)}; known are ${STARTS.join(', ')} and compact`);
  const words = { source, model: lineOf(model, LINE_MAX) };
  // Two resumptions of a session look alike but for these.
  const also = [context_tokens ?? null, seconds_since_last_response ?? null];
  if (source === 'compact')
    return one(observed(hook, 'run.progress', { summary: 'the session goes on after its context was compacted', ...words }, { also }));
  return one(observed(hook, 'run.started', { summary: `a session began: ${source}`, ...words }, { also }));
}

/**
 * A session ends without a word on what became of its work. `run.cancelled` is the one end that claims neither success nor failure; it is
 * no cause for alarm by itself.
 */
export function endMeaning(hook: Hook): Meaning {
  const { reason } = hook.fields;
  if (typeof reason !== 'string' || !END_REASONS.includes(reason)) {
    return unreadable(`unknown reason ${quoted(reason)}; known are ${END_REASONS.join(', ')}`);
  }
  const summary = `the session ended: ${reason}; whether anything was achieved is not said by this`;
  return one(observed(hook, 'run.cancelled', { summary, reason }, { severity: 'info' }));
}

/** A notification that waits for a person says so; the text is Claude Code's, not the agent's. */
export function notificationMeaning(hook: Hook): Meaning {
  const { notification_type: kind, message, title } = hook.fields;
  if (kind === 'agent_completed')
    return unreadable('agent_completed: a background session finished or failed, and it is not said which session or which of the two');
  if (typeof kind !== 'string' || !Object.hasOwn(NOTIFICATIONS, kind)) {
    return unreadable(`unknown notification_type ${quoted(kind)}; known are ${Object.keys(NOTIFICATIONS).join(', ')}`);
  }
  const meaning = NOTIFICATIONS[kind] ?? null;
  if (meaning === null) return NOTHING;
  const line = lineOf(message, LINE_MAX);
  const words = { summary: line ?? kind, notification: kind, title: lineOf(title, LINE_MAX), message: textOf(message, TEXT_MAX) };
  return one(observed(hook, meaning.type, words, meaning.severity === undefined ? {} : { severity: meaning.severity }));
}
