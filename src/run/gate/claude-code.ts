import { type Hook, readHook, subjectOf } from '../../adapters/claude-code/hook.ts';
import { isObject, quoted } from '../../adapters/json-values.ts';
import type { GatedAction } from '../../model/cel-gates.ts';
import { messageOf, RgovError } from '../../model/errors.ts';
import { parseStrict } from '../../model/json.ts';
import { findWorkspace, type WorkspaceOptions } from '../locate.ts';
import { openLastValidWorkspace } from '../workspace.ts';
import type { GateAnswer } from './answer.ts';
import { askGate } from './index.ts';
import { rehearsal } from './rehearsal.ts';

/** What a hook of Claude Code comes to for a gate. */
type HookQuestion =
  | { kind: 'ask'; about: GatedAction }
  /** A hook that no gate has a say in, or a stop that was held back once already. */
  | { kind: 'free' }
  | { kind: 'unreadable'; reason: string };

export interface HookVerdict {
  block: boolean;
  about: GatedAction | null;
  /** Null where no gate was asked. */
  answer: GateAnswer | null;
  /** Why nobody can tell; null if that is no question. */
  trouble: RgovError | null;
}

/**
 * `PreToolUse` is the action `tool`; `Stop` and `SubagentStop` are the action `stop`, with the hook's name and the kind of subagent as input. The subject is
 * the one under which `rgov ingest claude-code` records the session. (https://code.claude.com/docs/en/hooks, October 2026.)
 */
function questionOf(input: Uint8Array): HookQuestion {
  const parsed = parseStrict(input);
  if (!parsed.ok) return { kind: 'unreadable', reason: parsed.detail };
  const read = readHook(parsed.value);
  return read.ok ? questionOfHook(read.hook) : { kind: 'unreadable', reason: read.reason };
}

function questionOfHook(hook: Hook): HookQuestion {
  const { name, fields } = hook;
  const subject = subjectOf(hook);
  switch (name) {
    case 'PreToolUse': {
      const { tool_name: tool, tool_input: input } = fields;
      if (typeof tool !== 'string' || tool === '') return { kind: 'unreadable', reason: `tool_name must name the tool, found ${quoted(tool)}` };
      if (!isObject(input)) return { kind: 'unreadable', reason: `tool_input must be an object, found ${quoted(input)}` };
      return { kind: 'ask', about: { action: 'tool', subject, tool, input } };
    }
    case 'Stop':
    case 'SubagentStop': {
      // It goes on because of a hook already: held back again, it would never end.
      if (fields['stop_hook_active'] === true) return { kind: 'free' };
      const agent = typeof fields['agent_type'] === 'string' ? fields['agent_type'] : '';
      return { kind: 'ask', about: { action: 'stop', subject, tool: '', input: { hook: name, agent } } };
    }
    default:
      return { kind: 'free' };
  }
}

/**
 * Whether what the hook is about is held back. Where nobody can tell, it is, but for the postures that hold nothing back. Never throws. Without a workspace
 * of its own it is looked for from the folder of the project: the current folder moves with each `cd` of the agent.
 */
export async function judgeHook(input: Uint8Array, asked: WorkspaceOptions, project = process.env['CLAUDE_PROJECT_DIR']): Promise<HookVerdict> {
  const question = questionOf(input);
  if (question.kind === 'free') return { block: false, about: null, answer: null, trouble: null };
  const about = question.kind === 'ask' ? question.about : null;
  const failed = (error: unknown, block: boolean): HookVerdict => ({ block, about, answer: null, trouble: troubleOf(error) });
  let options: WorkspaceOptions;
  try {
    options = asked.workspace === undefined && project ? { ...asked, workspace: findWorkspace({}, project) } : asked;
  } catch (error) {
    // Not that of the current folder instead, where the agent may have made one.
    return failed(error, true);
  }
  if (question.kind === 'unreadable')
    return failed(new RgovError('usage', `what came on standard input is no hook of Claude Code: ${question.reason}`), await holdsBack(options));
  try {
    const answer = await askGate({ ...options, about: question.about });
    return { block: !answer.open, about, answer, trouble: null };
  } catch (error) {
    return failed(error, await holdsBack(options));
  }
}

const troubleOf = (error: unknown): RgovError => (error instanceof RgovError ? error : new RgovError('internal', messageOf(error), { cause: error }));

async function holdsBack(options: WorkspaceOptions): Promise<boolean> {
  try {
    const { posture } = (await openLastValidWorkspace(rehearsal() ?? options)).workspace.catalog;
    return posture !== 'notify' && posture !== 'observe';
  } catch {
    return true;
  }
}
