import type { GatedAction } from '../../model/cel-gates.ts';
import { isFolder, type OwnCommand } from './own-command.ts';
import { wordsOf } from './shell-words.ts';

/**
 * Tools by which agents speak to humans: OpenClaw's, and Claude Code's. Names in full: a tool of an MCP server (`mcp__chat__message`) is called
 * what its maker likes, and does what its maker likes.
 */
const SPEAKING = new Set(['message', 'AskUserQuestion']);
/** What OpenClaw's `message` may be asked for; it can ban people and delete what they wrote, too. */
const SPEAKING_ACTIONS = new Set<unknown>([undefined, 'send', 'reply', 'thread-reply', 'poll']);
/** Tools that give one command line to a POSIX shell. Not PowerShell, which reads quotes in another way, nor what types into a shell that runs already. */
const SHELLS = new Set(['Bash', 'bash', 'exec', 'shell']);
/** What may stand beside the command. Anything else may change what it does: `env`, `workdir`, `host`, `elevated`, `pty`. */
const HARMLESS_INPUT = new Set(['command', 'description', 'timeout', 'timeoutMs', 'yieldMs', 'background', 'run_in_background']);

interface Arguments {
  flags?: readonly string[];
  valued?: readonly string[];
  /** It starts programs that the workspace names, so it must be certain that this is ours. */
  ownWorkspaceOnly?: boolean;
}

/**
 * By what somebody reports, asks why, or has what was reported looked at. Not `ingest`, which can bring proof of delivery; not `ack`, `confirm` and
 * `retry`, which are for humans; not `run`, `activate` and `gate --self-test`, which start programs; not `doctor` and `verify`, which start git.
 */
const REPORTING: Record<string, Arguments> = {
  report: { valued: ['-s', '--subject', '--summary', '--severity', '--run-id', '--id', '--data'] },
  status: { valued: ['--max-age'] },
  explain: {},
  plan: { valued: ['--until', '--at'] },
  gate: { valued: ['-s', '--subject', '-a', '--action', '--tool', '--input'] },
  handoffs: { flags: ['--open'], valued: ['--sender'] },
  validate: {},
  reconcile: { flags: ['-q', '--quiet'], ownWorkspaceOnly: true },
};
const COMMON: Required<Omit<Arguments, 'ownWorkspaceOnly'>> = { flags: ['--json'], valued: ['-C', '--workspace', '--binding'] };

/**
 * Whether this is the reporting path itself, which no gate may hold back: otherwise nobody could ever report what keeps it closed. Whoever is held
 * back wants out, so everything that is not known to be harmless is not exempt.
 */
export function isExempt({ action, tool, input }: GatedAction, own: OwnCommand): boolean {
  if (action === 'report') return true;
  if (SPEAKING.has(tool)) return tool !== 'message' || SPEAKING_ACTIONS.has(input['action']);
  const { command } = input;
  if (!SHELLS.has(tool) || typeof command !== 'string' || !Object.keys(input).every((key) => HARMLESS_INPUT.has(key))) return false;
  const words = wordsOf(command);
  return words !== null && isReporting(words, own);
}

function isReporting(words: readonly string[], own: OwnCommand): boolean {
  const program = own.programs.find((prefix) => prefix.every((word, i) => words[i] === word));
  if (program === undefined) return false;
  const before = takeOptions(words.slice(program.length), COMMON);
  const known = Object.hasOwn(REPORTING, before?.rest[0] ?? '') ? REPORTING[before?.rest[0] as string] : undefined;
  if (before === null || known === undefined) return false;
  const after = takeAll(before.rest.slice(1), known);
  if (after === null) return false;
  const workspaces = [...before.workspaces, ...after];
  if (known.ownWorkspaceOnly && workspaces.length === 0) return false;
  return workspaces.every((folder) => isFolder(folder, own.workspace()));
}

interface Taken {
  rest: readonly string[];
  workspaces: string[];
}

/** Options up to the first word that is none; null if one of them is not known, or is spelled in a way that must be looked at twice. */
function takeOptions(words: readonly string[], known: Arguments): Taken | null {
  const flags = [...COMMON.flags, ...(known.flags ?? [])];
  const valued = [...COMMON.valued, ...(known.valued ?? [])];
  const workspaces: string[] = [];
  let at = 0;
  while (at < words.length) {
    const word = words[at] as string;
    if (!word.startsWith('-')) break;
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const name = equals < 0 ? word : word.slice(0, equals);
    const value = equals < 0 ? words[at + 1] : word.slice(equals + 1);
    if (equals < 0 && flags.includes(name)) at += 1;
    else if (valued.includes(name) && value !== undefined) {
      if (name === '-C' || name === '--workspace') workspaces.push(value);
      at += equals < 0 ? 2 : 1;
    } else return null;
  }
  return { rest: words.slice(at), workspaces };
}

/** The workspaces that are named among options and plain words. */
function takeAll(words: readonly string[], known: Arguments): string[] | null {
  const workspaces: string[] = [];
  for (let rest = words; rest.length > 0; ) {
    const taken = takeOptions(rest, known);
    if (taken === null) return null;
    workspaces.push(...taken.workspaces);
    rest = taken.rest.slice(1);
  }
  return workspaces;
}
