import type { Command } from 'commander';
import { EXIT_CODES, RgovError } from '../../model/errors.ts';
import type { ActivateMode } from '../../run/activate/index.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { activateText } from '../views/activate.ts';

interface ActivateCommandOptions extends CommonOptions {
  as?: string;
  write?: boolean;
  check?: boolean;
  remove?: boolean;
  watch?: boolean;
  scope?: string;
  force?: boolean;
}

export function register(program: Command): Command {
  const command = program
    .command('activate')
    .option('--as <kind>', 'how it is to run by itself: cron, systemd, kubernetes, github-actions, openclaw, claude-code')
    .option('--write', 'install it; a second time changes nothing')
    .option('--check', 'compare what is installed with what the binding says; exit code 1 if anything differs')
    .option('--remove', 'take out exactly that')
    .option('--watch', 'one process that stays and reacts at once, instead of passes by the clock')
    .option('--scope <name>', 'whose installation: the scopes that the kind knows, such as user, system or project')
    .option('--force', 'with --write and --remove: also what was edited by hand; with --write also what somebody else put there')
    .summary('let this deployment run by itself')
    .description(
      'Shows what would be installed so that passes are made by themselves as spec.schedule of the binding says, and why; with --write it is installed. Paths are absolute, the environment is explicit, and no secret is written anywhere. What others own (the rest of a crontab, settings of another program) is left as it is, to the byte. What is installed is named after the workspace and the binding, so that any number of them run on one machine.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov activate --as cron',
    'rgov activate --as cron --write',
    'rgov activate --as cron --check',
    'rgov activate --as cron --remove',
  );
  return command.action(async (_options, self: Command) => {
    const { write, check, remove, as = '', ...options } = optionsOf<ActivateCommandOptions>(self);
    const mode = modeOf({ write, check, remove }, as);
    const { activate } = await import('../../run/activate/index.ts');
    const report = await activate({ ...options, as, mode });
    if (!report.ok) process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(report) : print(activateText(report, painter(process.stdout)));
  });
}

function modeOf(asked: Record<string, boolean | undefined>, as: string): ActivateMode {
  const modes = Object.keys(asked).filter((mode) => asked[mode]) as ActivateMode[];
  if (modes.length > 1)
    throw new RgovError('usage', `${modes.map((mode) => `--${mode}`).join(' and ')} cannot both be done`, {
      hint: `rgov activate --as ${as} --${modes[0]}`,
    });
  return modes[0] ?? 'print';
}
