import { Command, CommanderError } from 'commander';
import { EXIT_CODES, RgovError } from '../model/errors.ts';
import { packageVersion } from '../run/locate.ts';
import { COMMANDS } from './commands/index.ts';
import { withExamples, withJson, withWorkspace } from './options.ts';
import { watchOutput } from './output-failed.ts';
import { colourIsWanted } from './terminal.ts';

const EXIT_CODE_HELP = `
Exit codes:
  0   done
  1   done, and the answer is no: something is blocked, overdue, invalid or tampered with
  2   wrong usage or invalid declared documents; nothing was done
  3   no such artifact, target or document
  4   the state could not be read or written; nothing accepted was lost
  70  a fault of the program itself`;

/** Runs one command and sets the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  watchOutput();
  const program = createProgram();
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = await explainFailure(
      error,
      argv.slice(2),
      program.commands.map((command) => command.name()),
    );
  }
}

function createProgram(): Command {
  const program = new Command('rgov')
    .description('Makes sure that unattended work reports to a human, and never claims that the human was told when nobody can prove it.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      getOutHasColors: () => colourIsWanted(process.stdout),
      getErrHasColors: () => colourIsWanted(process.stderr),
      outputError: () => {},
    })
    .addHelpText('after', EXIT_CODE_HELP);
  withJson(withWorkspace(program));
  withExamples(
    program,
    'rgov init my-workspace && cd my-workspace',
    "rgov run --subject job/backup -- sh -c 'exit 3'",
    'rgov reconcile',
    'rgov status',
  );
  for (const register of COMMANDS) {
    const command = register(program);
    command.helpOption('-h, --help', 'show help').exitOverride().configureOutput(program.configureOutput());
  }
  return program;
}

async function explainFailure(error: unknown, args: readonly string[], names: readonly string[]): Promise<number> {
  // What stands after -- belongs to the command that rgov runs.
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  // Without a command there is nothing to explain: help was shown.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT_CODES.usage;
  const { asRgovError, printError } = await import('./views/error.ts');
  const known = error instanceof CommanderError ? usageError(error.message, own, names) : asRgovError(error);
  await printError(known, own.includes('--json'));
  return known.exitCode;
}

/** Commander's words in our form: what failed, then the next command. */
function usageError(message: string, args: readonly string[], names: readonly string[]): RgovError {
  const [, failed = '', guess] = /^(?:error: )?([\s\S]*?)(?:\n\(Did you mean (.*)\?\))?$/.exec(message) ?? [];
  const command = args.find((arg) => names.includes(arg));
  const help = command === undefined ? 'rgov --help' : `rgov ${command} --help`;
  return new RgovError('usage', failed, { hint: guess === undefined ? help : `did you mean ${guess}?   (or: ${help})` });
}
