import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { explainText } from '../views/explain.ts';

export function register(program: Command): Command {
  const command = program
    .command('explain')
    .argument('<id>', 'a path, a name, or any unique part of the name of an event, notice, handoff or receipt')
    .summary('show the whole chain of one event or notice, every decision with its reason')
    .description(
      'Shows what caused what, from the event to its receipts, why each rule did or did not ask for a notice, and what is proved. Exit code 1 if a link of the chain is broken.',
    );
  withExamples(withJson(withWorkspace(command)), 'rgov explain 3f9a2c1b7d4e', 'rgov explain state/receipts/2026-11-22/*.blocked.json');
  return command.action(async (id: string, _options, self: Command) => {
    const options = optionsOf<CommonOptions>(self);
    const { explain } = await import('../../run/explain.ts');
    const chain = await explain(options, id);
    if (chain.faults.length > 0) process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(chain) : print(explainText(chain, painter(process.stdout)));
  });
}
