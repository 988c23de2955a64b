import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { type CommonOptions, durationOption, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { statusText } from '../views/status.ts';

export function register(program: Command): Command {
  const command = program
    .command('status')
    .option('--max-age <duration>', 'exit 1, too, if no pass has completed for that long (for example 10m)')
    .summary('show what needs a human first, then the counts')
    .description('Shows what is blocked, pending and overdue, what could not be read, and the counts. Exit code 1 if anything needs a human.');
  withExamples(
    withJson(withWorkspace(command)),
    'rgov status',
    "rgov status --json | jq -r '.pending[].notice'",
    'rgov status --max-age 10m > /dev/null || echo "nobody watches, or something needs a human"',
  );
  return command.action(async (_options, self: Command) => {
    const options = optionsOf<CommonOptions & { maxAge?: string }>(self);
    const maxAge_ms = durationOption('--max-age', options.maxAge, 'rgov status --max-age 10m');
    const { status } = await import('../../run/status.ts');
    const report = await status({ ...options, maxAge_ms });
    if (report.needsHuman) process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(report) : print(statusText(report, painter(process.stdout)));
  });
}
