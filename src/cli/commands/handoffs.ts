import type { Command } from 'commander';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { handoffsText } from '../views/handoffs.ts';

export function register(program: Command): Command {
  const command = program
    .command('handoffs')
    .option('--open', 'only those whose outcome is still to be brought: another system has them, a bridge is to claim them, or they are under way')
    .option('--sender <name>', 'only those of this sender')
    .summary('list the attempts, with all that another system needs to send them')
    .description(
      'For the system that sends on behalf of this one: path, key, target, address and text of every attempt. What became of it is told with rgov confirm.',
    );
  withExamples(withJson(withWorkspace(command)), 'rgov handoffs --open', "rgov handoffs --open --json | jq -r '.handoffs[].handoff'");
  return command.action(async (_options, self: Command) => {
    const options = optionsOf<CommonOptions & { open?: boolean; sender?: string }>(self);
    const { handoffs } = await import('../../run/handoffs.ts');
    const report = await handoffs(options);
    return options.json ? printJson(report) : print(handoffsText(report, options.open === true, painter(process.stdout)));
  });
}
