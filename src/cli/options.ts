import type { Command } from 'commander';
import { RgovError } from '../model/errors.ts';
import { oneLine, truncate } from '../model/text.ts';
import { parseDurationMs, parseTime } from '../model/time.ts';
import type { WorkspaceOptions } from '../run/locate.ts';

/** What every command takes. */
export interface CommonOptions extends WorkspaceOptions {
  json?: boolean;
}

export function withWorkspace(command: Command): Command {
  return command
    .option('-C, --workspace <dir>', 'the workspace (default: the nearest folder upwards that holds bindings/)')
    .option('--binding <name>', 'the runtime binding (default: the only one, or the one called "default")');
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print the answer as JSON');
}

/** Examples stand at the end of --help, one a line; those that begin like a line of a crontab are none of a shell. */
export function withExamples(command: Command, ...examples: string[]): Command {
  return command.addHelpText(
    'after',
    `\nExamples:\n${examples.map((example) => (/^[*\d]/.test(example) ? `  ${example}` : `  $ ${example}`)).join('\n')}`,
  );
}

/** Options given before the command and after it, as one. */
export function optionsOf<T extends CommonOptions>(command: Command): T {
  return { ...command.parent?.opts(), ...command.opts() } as T;
}

/** A length of time in milliseconds; undefined where the option was not given. Throws `usage`. */
export function durationOption(name: string, text: string | undefined, hint: string): number | undefined {
  const ms = text === undefined ? undefined : parseDurationMs(text);
  if (ms !== null && ms !== 0) return ms;
  throw new RgovError('usage', `${name} ${truncate(oneLine(text ?? ''), 60)} is not a length of time`, {
    expected: 'a positive duration as in Prometheus: 90s, 15m, 1h30m, 7d',
    hint,
  });
}

/** A moment in milliseconds since the epoch; undefined where the option was not given. Throws `usage`. */
export function timeOption(name: string, text: string | undefined, hint: string): number | undefined {
  const ms = text === undefined ? undefined : parseTime(text);
  if (ms !== null) return ms;
  throw new RgovError('usage', `${name} ${truncate(oneLine(text ?? ''), 60)} is no moment`, {
    expected: 'RFC 3339 with a zone, as in 2026-11-23T03:30:00Z or 2026-11-23T04:30:00+01:00',
    hint,
  });
}
