import type { Command } from 'commander';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';

export function register(program: Command): Command {
  const command = program
    .command('ack')
    .argument('<notice>', 'a notice, or a unique part of its name')
    .requiredOption('--by <name>', 'the human who was told')
    .option('--note <text>', 'how they know, or what they will do')
    .summary('record that a named human has been told')
    .description('Adds the evidence "acknowledged" to a notice: the strongest there is. A pending or blocked notice becomes acked.');
  withExamples(withJson(withWorkspace(command)), 'rgov ack 3f9a2c1b7d4e --by alice --note "restarted the export"');
  return command.action(async (notice: string, _options, self: Command) => {
    const options = optionsOf<CommonOptions & { by: string; note?: string }>(self);
    const { acknowledge } = await import('../../run/acknowledge.ts');
    const result = await acknowledge({ ...options, notice });
    if (options.json) return printJson(result);
    const paint = painter(process.stdout);
    const { status, revision } = result.receipt.document;
    const what = result.changed ? 'acknowledged' : 'was acknowledged before';
    return print(`${paint('green', status)}  ${paint('reset', result.notice)}  ${what} by ${paint('reset', options.by)} (revision ${revision})`);
  });
}
