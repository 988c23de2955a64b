import { Command, CommanderError } from 'commander';
import { EXIT_CODES, RgovError } from '../model/errors.ts';
import { packageVersion } from '../run/locate.ts';
import { COMMANDS } from './commands/index.ts';
import { withExamples, withJson, withWorkspace } from './options.ts';
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
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  try {
    await createProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = await explainFailure(error, argv.includes('--json'));
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

async function explainFailure(error: unknown, json: boolean): Promise<number> {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const { printError } = await import('./views/error.ts');
    await printError(new RgovError('usage', error.message.replace(/^error: /, ''), { hint: 'rgov --help' }), json);
    return EXIT_CODES.usage;
  }
  const { asRgovError, printError } = await import('./views/error.ts');
  const known = asRgovError(error);
  await printError(known, json);
  return known.exitCode;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
