import type { Command } from 'commander';
import { RgovError } from '../../model/errors.ts';
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
      "Runs a command and reports its start and its outcome, with exit code, duration and the last lines of its output. Input, output, signals and exit code are passed through. The command runs even if nothing can be recorded: rgov says why, and its own exit code (2 or 4) replaces the command's 0.",
    )
    .requiredOption('-s, --subject <subject>', 'who reports: job/nightly-backup')
    .option('--run-id <id>', 'which run of the subject this is (default: a new one)')
    .passThroughOptions();
  withExamples(
    withWorkspace(command),
    'rgov run --subject job/nightly-backup -- /usr/local/bin/backup --all',
    "rgov run --subject job/demo -- sh -c 'echo disk full >&2; exit 3'",
    '0 3 * * *  /usr/local/bin/rgov -C /srv/reporting run --subject job/nightly-backup -- /usr/local/bin/backup    # in a crontab',
  );
  return command.action(async (argv: string[], _options, self: Command) => {
    const options = optionsOf<RunCommandOptions>(self);
    const [{ runAndReport }, { runCommand }, { openLastValidWorkspace }, { asRgovError, printError }] = await Promise.all([
      import('../../run/intake.ts'),
      import('../../run/run-command.ts'),
      import('../../run/workspace.ts'),
      import('../views/error.ts'),
    ]);
    const problems: RgovError[] = [];
    const onUnrecorded = (error: unknown): void => {
      const problem = asRgovError(error);
      // The outcome mostly fails as the start did.
      if (problem.message !== problems.at(-1)?.message) void printError(problem, false);
      problems.push(problem);
    };
    // Work must not stand still because its watchdog is misconfigured.
    const unusable = await openLastValidWorkspace(options).then(() => null, asRgovError);
    if (unusable) onUnrecorded(nothingRecorded(unusable));
    const { exitCode } = unusable
      ? await runCommand({ ...options, argv }, { clock: Date.now, record: () => unusable.message })
      : await runAndReport({ ...options, argv, onUnrecorded });
    process.exitCode = exitCode === 0 ? (problems.at(-1)?.exitCode ?? 0) : exitCode;
  });
}

function nothingRecorded({ kind, message, expected, hint, details }: RgovError): RgovError {
  return new RgovError(kind, `the command runs, but nothing of it is recorded: ${message.replace(/; nothing was done$/, '')}`, {
    ...(expected === undefined ? {} : { expected }),
    ...(hint === undefined ? {} : { hint }),
    details,
  });
}
