import type { Command } from 'commander';
import { RgovError } from '../../model/errors.ts';
import { oneLine } from '../../model/text.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { lateText } from '../views/confirmed.ts';

export function register(program: Command): Command {
  const command = program
    .command('ack')
    .argument('[notice]', 'a notice, or a unique part of its name; not needed with --token')
    .option('--by <name>', 'the human who was told (with --token: the target of the notice if it is not said)')
    .option('--token <token>', 'of an acknowledgement link: it names the notice')
    .option('--note <text>', 'how they know, or what they will do')
    .summary('record that a named human has been told')
    .description('Adds the evidence "acknowledged" to a notice: the strongest there is. A pending or blocked notice becomes acked.');
  withExamples(
    withJson(withWorkspace(command)),
    'rgov ack 3f9a2c1b7d4e --by alice --note "restarted the export"',
    'rgov ack --token "$TOKEN" --by alice',
  );
  return command.action(async (notice: string | undefined, _options, self: Command) => {
    const options = optionsOf<CommonOptions & { by?: string; token?: string; note?: string }>(self);
    if (options.token === undefined && (notice === undefined || options.by === undefined)) {
      throw new RgovError('usage', notice === undefined ? 'no notice is named' : 'it is not said who was told', {
        expected: 'NOTICE --by NAME, or --token TOKEN',
        hint: `rgov ack ${notice === undefined ? 'NOTICE' : oneLine(notice)} --by alice`,
      });
    }
    const { acknowledge } = await import('../../run/acknowledge.ts');
    const result = await acknowledge({ ...options, notice });
    if (options.json) return printJson(result);
    const paint = painter(process.stdout);
    const { revision } = result.receipt.document;
    // Where its day is sealed the receipt stays as it is, and the human's word counts all the same.
    const status = result.event === undefined ? result.receipt.document.status : 'acked';
    const what = result.changed ? 'acknowledged' : 'was acknowledged before';
    const late = result.event === undefined ? '' : `\n  ${lateText(result.event, paint)}`;
    return print(
      `${paint('green', status)}  ${paint('reset', result.notice)}  ${what} by ${paint('reset', result.by)} (revision ${revision})${late}`,
    );
  });
}
