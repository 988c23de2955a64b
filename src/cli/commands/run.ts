import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { type CommonOptions, optionsOf, withExamples, withWorkspace } from '../options.ts';

interface RunCommandOptions extends CommonOptions {
  subject: string;
  runId?: string;
}

export function register(program: Command): Command {
  const command = program
    .command('run')
    .argument('<command...>', 'the command and its arguments, after --')
    .summary('run a command and report its start and its outcome')
    .description(
      "Runs a command and reports its start and its outcome, with exit code, duration and the last lines of its output. Input, output, signals and exit code are passed through. The command runs even if nothing can be recorded; exit code 4 then replaces the command's 0.",
    )
    .requiredOption('-s, --subject <subject>', 'who reports: job/nightly-backup')
    .option('--run-id <id>', 'which run of the subject this is (default: a new one)')
    .passThroughOptions();
  withExamples(
    withWorkspace(command),
    'rgov run --subject job/nightly-backup -- /usr/local/bin/backup --all',
    "rgov run --subject job/demo -- sh -c 'echo disk full >&2; exit 3'",
  );
  return command.action(async (argv: string[], _options, self: Command) => {
    const options = optionsOf<RunCommandOptions>(self);
    const [{ runAndReport }, { asRgovError, printError }] = await Promise.all([import('../../run/intake.ts'), import('../views/error.ts')]);
    const { exitCode, recorded } = await runAndReport({ ...options, argv, onUnrecorded: (problem) => void printError(asRgovError(problem), false) });
    process.exitCode = exitCode === 0 && !recorded ? EXIT_CODES.state_io : exitCode;
  });
}
