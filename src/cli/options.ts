import type { Command } from 'commander';
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

/** Examples stand at the end of --help, one a line. */
export function withExamples(command: Command, ...examples: string[]): Command {
  return command.addHelpText(
    'after',
    `\nExamples:\n${examples.map((example) => (example.startsWith('*') ? `  ${example}` : `  $ ${example}`)).join('\n')}`,
  );
}

/** Options given before the command and after it, as one. */
export function optionsOf<T extends CommonOptions>(command: Command): T {
  return { ...command.parent?.opts(), ...command.opts() } as T;
}
