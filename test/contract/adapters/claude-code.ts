import type { EventDraft } from '../../../src/model/event.ts';

type Json = Record<string, unknown>;

const WAITS = ['permission_prompt', 'elicitation_dialog', 'elicitation_url_dialog', 'agent_needs_input', 'idle_prompt'];
const QUOTA_WAITS = ['quota_auto_resume_stale', 'quota_auto_resume_disabled'];

/** Event types and who vouches for them that a hook may become, told from its words alone. */
function mayBecome(hook: Json): string[] {
  const says = typeof hook['last_assistant_message'] === 'string' ? ['run.progress asserted'] : [];
  switch (hook['hook_event_name']) {
    case 'SessionStart':
      return [hook['source'] === 'compact' ? 'run.progress observed' : 'run.started observed'];
    case 'UserPromptSubmit':
      return ['run.started observed'];
    case 'PreToolUse':
    case 'PostToolUse':
    case 'PostToolUseFailure':
      return ['run.progress observed'];
    case 'Stop':
    case 'SubagentStop':
      return ['run.progress observed', ...says];
    case 'StopFailure':
      return ['run.failed observed'];
    case 'SessionEnd':
      return ['run.cancelled observed'];
    case 'Notification':
      if ([...WAITS, ...QUOTA_WAITS].includes(String(hook['notification_type']))) return ['run.blocked observed'];
      return hook['notification_type'] === 'quota_auto_resume_fired' ? ['run.progress observed'] : [];
    default:
      return [];
  }
}

/** Some hook of the input names that session, and may become that event. No hook ever says that the work succeeded. */
export function follows(draft: EventDraft, input: unknown): string | null {
  const hooks = (Array.isArray(input) ? input : [input]) as (Json | null)[];
  const fits = hooks.some((hook) => {
    const session = hook?.['session_id'];
    if (!hook || typeof session !== 'string' || session === '' || session.includes('/')) return false;
    if (draft.subject !== `agent/claude-code/${session}` || draft.runid !== session) return false;
    // What the agent says at the end is its own claim; a notification's and a failed turn's text is Claude Code's.
    const claims = draft.data?.['message'] !== undefined && hook['hook_event_name'] !== 'Notification';
    if (claims !== (draft.provenance === 'asserted')) return false;
    return draft.id.startsWith(`${session}:${hook['hook_event_name']}:`) && mayBecome(hook).includes(`${draft.type} ${draft.provenance}`);
  });
  if (!fits) return `${draft.type} (${draft.provenance}) of ${draft.subject} follows from no hook`;
  return draft.source === 'claude-code/hooks' && draft.time === undefined ? null : 'another source, or a time that nobody said';
}
