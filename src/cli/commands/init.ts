import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { type CommonOptions, optionsOf, withExamples, withJson } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';

export function register(program: Command): Command {
  const command = program
    .command('init')
    .argument('[dir]', 'folder of the new workspace', '.')
    .option('--runtime [name]', 'what the work runs on: a binding that fits it; without a name, or with a wrong one, all names are shown')
    .summary('make a working workspace: policy, profile, binding with the file sender, schemas for editors')
    .description(
      'Makes a working workspace, with --runtime for what the work runs on, and says which commands lead to a first notice. Files that are there already are kept as they are.',
    );
  withExamples(
    withJson(command),
    'rgov init',
    'rgov init ops/reporting && rgov -C ops/reporting validate',
    'rgov init reporting --runtime cron',
    'rgov init --runtime    # lists them',
  );
  return command.action(async (dir: string, _options, self: Command) => {
    const { init } = await import('../../run/init.ts');
    const { workspace = '.', json, runtime } = optionsOf<CommonOptions & { runtime?: string | true }>(self);
    const result = init(resolve(workspace, dir), runtime === true ? '' : runtime);
    if (json) return printJson(result);
    const paint = painter(process.stdout);
    const lines = [
      ...result.created.map((path) => `${paint('green', 'created')}  ${paint('reset', path)}`),
      ...result.kept.map((path) => `${paint('dim', 'kept')}     ${paint('reset', path)}`),
      '',
      `The workspace is ready: ${paint('reset', result.root)}`,
      'Next:',
      ...(result.here ? [] : [`  cd ${paint('reset', shellWord(relative('', result.root)))}`]),
      ...result.next.map((line) => `  ${line}`),
    ];
    return print(lines.join('\n'));
  });
}

/** As it can be pasted into a shell. */
function shellWord(text: string): string {
  return /^[\w./@%+,:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
