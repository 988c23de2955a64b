import { isErrno, messageOf, RgovError } from '../../model/errors.ts';
import { painter, print, printJson } from '../terminal.ts';
import { isProblemList, problemsText } from './problems.ts';

/** Anything thrown, as the one error type; what is not expected is a fault of the program. */
export function asRgovError(error: unknown): RgovError {
  if (error instanceof RgovError) return error;
  if (isErrno(error, 'ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'EMFILE', 'ENFILE', 'ENOTDIR', 'ELOOP'))
    return new RgovError('state_io', error.message, { cause: error });
  const stack = error instanceof Error ? error.stack : undefined;
  return new RgovError('internal', `fault of the program: ${messageOf(error)}`, {
    cause: error,
    ...(stack === undefined ? {} : { details: stack.split('\n').slice(1, 8).join('\n') }),
    hint: 'please report it, with the command and the lines above',
  });
}

/** The one place that prints an error: text on standard error; with --json one JSON object on standard output. */
export async function printError(error: RgovError, json: boolean): Promise<void> {
  const { kind, message, expected, hint, details } = error;
  if (json) return printJson({ error: { kind, message, expected, hint, details } });
  const paint = painter(process.stderr);
  const lines = [`${paint(['bold', 'red'], 'rgov:')} ${paint('reset', message)}`];
  if (isProblemList(details)) lines.push(problemsText(details, paint));
  else if (kind === 'internal' && typeof details === 'string') lines.push(paint('dim', details));
  if (expected !== undefined) lines.push(`  expected: ${paint('reset', expected)}`);
  if (hint !== undefined) lines.push(`  ${paint('cyan', 'hint:')}     ${paint('reset', hint)}`);
  await print(lines.join('\n'), process.stderr);
}
