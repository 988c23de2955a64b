import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { passJson, passText } from '../views/pass.ts';
import { DEFAULT_RESCAN_MS, parseRescan, watchAndPrint } from '../watching.ts';

export function register(program: Command): Command {
  const command = program
    .command('bridge')
    .requiredOption('--sender <name>', 'the sender that it serves; its binding says "bridge: process"')
    .option('--watch', 'stay, and send whenever something is handed over, until stopped')
    .option('--rescan <duration>', 'with --watch: look at everything at least this often (default: 1m)', parseRescan)
    .summary('send what was handed to one sender, as a process of its own')
    .description(
      'Claims the handoffs that wait for this sender, makes the attempts and writes down what came of them. Run it as a user who alone can read the secrets of this sender: reconcile and watch then need none of them, and leave "bridge: process" senders to it. Any number of bridges may serve the same sender; each attempt is claimed once. Exit code 1 if it left something blocked, 4 if something could not be read.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov bridge --sender pager --watch',
    '* * * * *  cd /srv/reporting && rgov bridge --sender pager    # in the crontab of the user who holds the secret',
  );
  return command.action(async (_options, self: Command) => {
    const { watch, rescan, ...options } = optionsOf<CommonOptions & { sender: string; watch?: boolean; rescan?: number }>(self);
    if (watch) return watchAndPrint({ ...options, bridge: options.sender, rescan_ms: rescan ?? DEFAULT_RESCAN_MS });
    const { bridgeOnce } = await import('../../run/bridge.ts');
    const report = await bridgeOnce(options);
    if (report.failures.length > 0) process.exitCode = EXIT_CODES.state_io;
    else if (report.receipts.some(({ status }) => status === 'blocked')) process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(passJson(report)) : print(passText(report, painter(process.stdout), process.stdout.isTTY === true));
  });
}
