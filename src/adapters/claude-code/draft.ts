import type { EventDraft } from '../../model/event.ts';
import { fingerprint, flawOf, quoted } from '../foreign.ts';
import { type Fact, type Meaning, NOTHING, unreadable } from './fact.ts';
import { type Hook, named, readHook, subjectOf } from './hook.ts';
import { endMeaning, notificationMeaning, startMeaning } from './session.ts';
import { toolMeaning } from './tools.ts';
import { promptMeaning, stopFailureMeaning, stopMeaning, subagentMeaning } from './turns.ts';

const MEANINGS: Record<string, (hook: Hook) => Meaning> = {
  SessionStart: startMeaning,
  UserPromptSubmit: promptMeaning,
  PreToolUse: toolMeaning,
  PostToolUse: toolMeaning,
  PostToolUseFailure: toolMeaning,
  Notification: notificationMeaning,
  Stop: stopMeaning,
  StopFailure: stopFailureMeaning,
  SubagentStop: subagentMeaning,
  SessionEnd: endMeaning,
};

/**
 * The other hooks that are documented: they say nothing of how the work goes, or say it earlier than there is anything to do about it (whoever
 * has not answered a permission request after six seconds is told of it by a notification).
 */
const SAY_NOTHING = new Set([
  'PostToolBatch',
  'UserPromptExpansion',
  'SubagentStart',
  'PreCompact',
  'PostCompact',
  'PreModelSwitch',
  'PostModelSwitch',
  'PermissionRequest',
  'PermissionDenied',
  'Setup',
  'TeammateIdle',
  'TaskCreated',
  'TaskCompleted',
  'Elicitation',
  'ElicitationResult',
  'ConfigChange',
  'WorktreeCreate',
  'WorktreeRemove',
  'InstructionsLoaded',
  'CwdChanged',
  'FileChanged',
  'DirectoryAdded',
  'MessageDisplay',
]);

export type Drafted = { ok: true; drafts: EventDraft[] } | { ok: false; reason: string };

/** What one hook says, as events; the same input always gives the same ones. */
export function draftsOf(value: unknown): Drafted {
  const read = readHook(value);
  if (!read.ok) return read;
  const { hook } = read;
  const meaning = meaningOf(hook);
  if (meaning.kind === 'unreadable') return { ok: false, reason: `${named(hook.name)}: ${meaning.reason}` };
  const drafts = meaning.kind === 'nothing' ? [] : meaning.facts.map((fact) => draftOf(hook, fact));
  const flaw = drafts.map(flawOf).find((one) => one !== null);
  return flaw === undefined ? { ok: true, drafts } : { ok: false, reason: `${named(hook.name)}: ${flaw}` };
}

function meaningOf(hook: Hook): Meaning {
  if (SAY_NOTHING.has(hook.name)) return NOTHING;
  const read = Object.hasOwn(MEANINGS, hook.name) ? MEANINGS[hook.name] : undefined;
  return (
    read?.(hook) ??
    unreadable(`unknown hook; known are ${Object.keys(MEANINGS).join(', ')}, and others that say nothing of the work (${quoted(hook.name)})`)
  );
}

/** Hooks carry no time: the time of recording counts. */
function draftOf(hook: Hook, { type, severity, provenance, key, data }: Fact): EventDraft {
  const { name, session, prompt } = hook;
  const own = 'id' in key ? key.id : `${prompt ?? '-'}:${fingerprint(JSON.stringify(key.fingerprintOf))}`;
  return {
    source: 'claude-code/hooks',
    id: `${session}:${name}:${own}`,
    type,
    subject: subjectOf(hook),
    ...(severity === undefined ? {} : { severity }),
    provenance,
    runid: session,
    data,
  };
}
