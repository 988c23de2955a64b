import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { statusText } from '../views/status.ts';

export function register(program: Command): Command {
  const command = program
    .command('status')
    .summary('show what needs a human first, then the counts')
    .description('Shows what is blocked, pending and overdue, what could not be read, and the counts. Exit code 1 if anything needs a human.');
  withExamples(withJson(withWorkspace(command)), 'rgov status', "rgov status --json | jq -r '.pending[].notice'");
  return command.action(async (_options, self: Command) => {
    const options = optionsOf<CommonOptions>(self);
    const { status } = await import('../../run/status.ts');
    const report = await status(options);
    if (report.needsHuman) process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(report) : print(statusText(report, painter(process.stdout)));
  });
}
