import type { Adapter, Translation } from '../adapter.ts';
import { documentsIn } from '../documents.ts';
import { draftsOf } from './draft.ts';

/**
 * Hooks of Claude Code: one JSON object on standard input (https://code.claude.com/docs/en/hooks), or a file of many, one per line or as a list.
 * As the command of a hook, where exit code 2 would hold up the agent and standard output of a SessionStart would be read to it:
 * `rgov ingest claude-code >/dev/null 2>&1 || exit 1`.
 *
 * The subject is the session, `agent/claude-code/<session_id>`, and the run, too: the one field that every hook of a session carries unchanged. `cwd`
 * moves with each `cd`, titles and agent names are optional, and how the folder of a transcript is named is not documented. Where it ran is in `data.cwd`.
 *
 * | hook | event | who says so |
 * | --- | --- | --- |
 * | SessionStart, UserPromptSubmit | run.started (after a compaction run.progress) | observed |
 * | PreToolUse, PostToolUse, PostToolUseFailure (a warning) | run.progress | observed |
 * | Stop, SubagentStop: that it ended (`backgroundTasks`, `sessionCrons`) | run.progress | observed |
 * | Stop, SubagentStop: `last_assistant_message` | run.progress, an event of its own | asserted |
 * | StopFailure (all of it, the message included) | run.failed | observed |
 * | Notification that waits for a person | run.blocked | observed |
 * | SessionEnd | run.cancelled, as information | observed |
 *
 * No hook says that the work succeeded, so nothing here does. Hooks carry no id and no time of their own, but for tool calls: a fact is known by its
 * session, its prompt and what it says, so that of two that agree in all of it, the second one is taken for the first one once more.
 */
export const adapter: Adapter = {
  name: 'claude-code',
  summary: 'hooks of Claude Code, as they come on standard input: one, or one per line',
  translate(input: Uint8Array): Translation {
    const translation: Translation = { events: [], rejected: [] };
    for (const document of documentsIn(input)) {
      const drafted = document.ok ? draftsOf(document.value) : document;
      if (drafted.ok) translation.events.push(...drafted.drafts);
      else translation.rejected.push({ where: document.where, reason: drafted.reason });
    }
    return translation;
  },
};
