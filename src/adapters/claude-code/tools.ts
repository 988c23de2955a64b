import { lastPart, printable } from '../../model/text.ts';
import { lineOf, withoutNulls } from '../foreign.ts';
import { LINE_MAX, type Meaning, one, placeOf, unreadable } from './fact.ts';
import { type Hook, isId, mustBeId } from './hook.ts';

const TOOL_MAX = 200;
/** The last UTF-16 units of what a failed tool said: for Bash that is the output of the command. */
const ERROR_TAIL_MAX = 1000;

/**
 * PreToolUse, PostToolUse and PostToolUseFailure: signs of life. A tool that failed is no failed run: the agent sees the error and goes on.
 * What goes into a tool and what comes out of it stays out, but for the end of an error: commands and files are private.
 */
export function toolMeaning(hook: Hook): Meaning {
  const { name, fields } = hook;
  const tool = lineOf(fields['tool_name'], TOOL_MAX);
  const id = fields['tool_use_id'];
  if (tool === null) return unreadable('tool_name must name the tool');
  if (!isId(id)) return unreadable(`tool_use_id ${mustBeId(id)}`);
  const words =
    name === 'PreToolUse' ? { summary: `is about to use ${tool}` } : name === 'PostToolUse' ? { summary: `used ${tool}` } : failure(hook, tool);
  return one({
    type: 'run.progress',
    ...(name === 'PostToolUseFailure' ? { severity: 'warning' } : {}),
    provenance: 'observed',
    key: { id },
    data: { ...words, tool, ...placeOf(hook) },
  });
}

/** "The first line `Exit code N`" is the part of the error that is documented; the rest is for display, and can be long. */
function failure({ fields }: Hook, tool: string): Record<string, unknown> {
  const error = typeof fields['error'] === 'string' ? fields['error'] : '';
  const first = lineOf(error.trimStart().split('\n', 1)[0], LINE_MAX);
  const tail = printable(error.slice(-4 * ERROR_TAIL_MAX)).trim();
  return withoutNulls({
    summary: first === null ? `${tool} failed` : `${tool} failed: ${first}`,
    error: tail === '' ? null : lastPart(tail, ERROR_TAIL_MAX),
    isInterrupt: fields['is_interrupt'] === true ? true : null,
  });
}
