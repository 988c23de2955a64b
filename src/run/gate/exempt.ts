import type { GatedAction } from '../../model/cel-gates.ts';

/** Tools by which agents speak to humans: OpenClaw's, and Claude Code's. */
const TOOLS = new Set(['message', 'AskUserQuestion']);
/** Tools that run a command line. */
const SHELLS = new Set(['bash', 'exec', 'shell', 'process']);
/** Commands by which somebody reports, asks, or says that they were told; none of them does anything else. */
const REPORTING = new Set([
  'report',
  'ingest',
  'status',
  'explain',
  'plan',
  'reconcile',
  'verify',
  'validate',
  'doctor',
  'gate',
  'catalog',
  'handoffs',
]);
/**
 * One command and its plain arguments: nothing by which a shell would run, read or write anything else. Only the program that lies on the
 * path: whoever is held back could put another one of that name anywhere.
 */
const PLAIN_COMMAND = /^rgov((?:[ \t]+(?:-[C\w-]+|[\w@%+=:,./-]+|"[^"$`\\]*"|'[^']*'))*)[ \t]*$/;

/**
 * Whether this is the reporting path itself, which no gate may hold back: otherwise nobody could ever report what keeps it closed. Acknowledging
 * is no part of it: that is for humans.
 */
export function isExempt({ action, tool, input }: GatedAction): boolean {
  if (action === 'report') return true;
  if (TOOLS.has(tool)) return true;
  const { command } = input;
  return SHELLS.has(tool.toLowerCase()) && typeof command === 'string' && isReportingCommand(command);
}

function isReportingCommand(command: string): boolean {
  const args = PLAIN_COMMAND.exec(command.trim())?.[1]?.trim().split(/\s+/) ?? [];
  // The workspace may be named before the command.
  const words = args[0] === '-C' || args[0] === '--workspace' || args[0] === '--binding' ? args.slice(2) : args;
  return REPORTING.has(words[0] ?? '');
}
