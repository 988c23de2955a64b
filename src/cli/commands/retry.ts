import type { Command } from 'commander';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';

export function register(program: Command): Command {
  const command = program
    .command('retry')
    .argument('<notice>', 'a blocked notice, or a unique part of its name')
    .requiredOption('--by <name>', 'the human who has judged that it may be sent again')
    .option('--note <text>', 'why, for the person who reads the audit trail')
    .summary('open a blocked notice again')
    .description(
      'The next pass makes one more attempt, with the same idempotency key. Where nobody knows whether the message went out (indeterminate), a human may be told twice. Exit code 1 if the notice is not blocked; nothing is written then.',
    );
  withExamples(withJson(withWorkspace(command)), 'rgov retry 3f9a2c1b7d4e --by alice --note "the gateway is back" && rgov reconcile');
  return command.action(async (notice: string, _options, self: Command) => {
    const options = optionsOf<CommonOptions & { by: string; note?: string }>(self);
    const { retry } = await import('../../run/retry.ts');
    const result = await retry({ ...options, notice });
    if (options.json) return printJson(result);
    const paint = painter(process.stdout);
    const { by, revision, afterAttempt } = result.reopening.document;
    const what = result.changed ? 'opened again' : 'was opened again before';
    return print(
      `${paint('yellow', 'reopened')}  ${paint('reset', result.notice)}  ${what} by ${paint('reset', by.replace(/^human:/, ''))} (revision ${revision}): the next pass makes attempt ${afterAttempt + 1}`,
    );
  });
}
