import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { catalogText } from '../views/catalog.ts';

export function register(program: Command): Command {
  const command = program
    .command('catalog')
    .argument('[section]', 'senders, adapters, profiles, packs or runtimes (default: all of them)')
    .summary('list senders, adapters, profiles, packs and runtimes, and what each can do')
    .description(
      'Lists what there is to choose from, in the workspace and in the package: what each sender can prove, what each profile asks for, what each runtime can do. Works without a workspace, too. Exit code 1 if a declared document is invalid.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov catalog',
    'rgov catalog senders',
    'rgov catalog senders --json | jq -r \'.senders.bindings[] | select(.declared.ceiling != "none") | .name\'',
    'rgov catalog runtimes    # also what nobody should expect of them',
  );
  return command.action(async (section: string | undefined, _options, self: Command) => {
    const options = optionsOf<CommonOptions>(self);
    const { catalogList } = await import('../../run/catalog-list.ts');
    const list = await catalogList({ ...options, section });
    if (!list.valid) process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(list) : print(catalogText(list, section !== undefined, painter(process.stdout)));
  });
}
