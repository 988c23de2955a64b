import { shellWord } from '../quote.ts';
import { rgovArgv, type Site } from '../site.ts';
import { judgeStamp, type Owner, stampLine, stampStart } from '../stamp.ts';
import type { PlacedGroup } from './settings-text.ts';

/** A command hook in the settings of Claude Code; `timeout` is in seconds. (https://code.claude.com/docs/en/hooks, October 2026.) */
interface Handler {
  type: 'command';
  command: string;
  timeout: number;
  /** Since Claude Code 2.1.295: what cannot start, or is not done in time, holds back what it was asked about. */
  onFailure?: 'block';
}

interface Group {
  hooks: Handler[];
}

/** Hooks that say something of the work: see `rgov ingest claude-code`. */
const HEARD = [
  'SessionStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PostToolUseFailure',
  'Notification',
  'Stop',
  'StopFailure',
  'SubagentStop',
  'SessionEnd',
];
/** Hooks that a gate has a say in. */
const GATED = new Set(['PreToolUse', 'Stop', 'SubagentStop']);
/** Both take a tenth of a second; a machine that is busy may take longer. */
const TIMEOUT_S = 30;
const MARK = ' # ';

/** One group for each hook: it is heard, and where the policy has gates it is asked of them, too. */
export function wantedGroups(site: Site): (PlacedGroup & { group: Group })[] {
  const hasGates = site.catalog.gates.length > 0;
  return HEARD.map((event) => {
    const handlers = [hearing(site), ...(hasGates && GATED.has(event) ? [gating(site, event)] : [])];
    return { event, group: stamped(event, { hooks: handlers }, site.owner) };
  });
}

const commandOf = (site: Site, ...words: string[]): string => [...rgovArgv(site), ...words].map(shellWord).join(' ');

/** Exit code 2 would hold up the agent, and what a SessionStart prints would be read to it: neither is what reporting is for. */
const hearing = (site: Site): Handler => ({
  type: 'command',
  command: `${commandOf(site, 'ingest', 'claude-code')} >/dev/null 2>&1 || exit 1`,
  timeout: TIMEOUT_S,
});

/**
 * In posture enforce, a program that is not there any more, or breaks, lets no tool run. At the end of a turn it does not hold: only the program can tell
 * that the agent was held back once already.
 */
function gating(site: Site, event: string): Handler {
  const command = commandOf(site, 'gate', '--claude-code');
  const isFirm = site.catalog.posture === 'enforce' && event === 'PreToolUse';
  return { type: 'command', command: isFirm ? `${command} || exit 2` : command, timeout: TIMEOUT_S, ...(isFirm ? { onFailure: 'block' } : {}) };
}

/** JSON has no comments, and unknown keys may be refused: whose it is stands in a comment of the first command. */
function stamped(event: string, group: Group, owner: Owner): Group {
  const [first, ...rest] = group.hooks as [Handler, ...Handler[]];
  return { hooks: [{ ...first, command: `${first.command}${MARK}${stampLine(owner, hashed(event, group))}` }, ...rest] };
}

const hashed = (event: string, group: unknown): string => JSON.stringify({ [event]: group });

/** Whether a group is of this owner. */
export const isOf = (owner: Owner, { group }: PlacedGroup): boolean =>
  commandsIn(group).some((command) => command.includes(MARK + stampStart(owner)));

/** Whether somebody has edited a group of this owner since it was written. */
export function isEdited(owner: Owner, { event, group }: PlacedGroup): boolean {
  const { hooks: [first, ...rest] = [], ...more } = group as Partial<Group>;
  const mark = first?.command.lastIndexOf(MARK + stampStart(owner)) ?? -1;
  if (first === undefined || mark < 0) return true;
  const bare = { ...more, hooks: [{ ...first, command: first.command.slice(0, mark) }, ...rest] };
  return judgeStamp(first.command.slice(mark + MARK.length), owner, hashed(event, bare)) !== 'as_written';
}

function commandsIn(group: unknown): string[] {
  const handlers = (group as { hooks?: unknown } | null)?.hooks;
  if (!Array.isArray(handlers)) return [];
  return handlers.flatMap((handler) => (typeof handler?.command === 'string' ? [handler.command] : []));
}
