import { type Command, Option } from 'commander';
import { RgovError } from '../../model/errors.ts';
import type { Statement } from '../../run/judge.ts';
import { type CommonOptions, optionsOf, timeOption, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { confirmedText } from '../views/confirmed.ts';

interface ConfirmCommandOptions extends CommonOptions {
  evidence?: Statement['evidence'];
  ref?: string;
  failed?: string;
  by?: string;
  at?: string;
  note?: string;
}

const EXAMPLE = 'rgov confirm 3f9a2c1b7d4e.1 --evidence delivered --ref 250-queued-4711';

export function register(program: Command): Command {
  const command = program
    .command('confirm')
    .argument('<handoff>', 'NOTICE.N, the path of a handoff, or a unique part of a notice: then its last attempt is meant')
    .addOption(
      new Option('--evidence <level>', 'what is proved; no more than the sender can ever prove').choices([
        'accepted',
        'relayed',
        'delivered',
        'seen',
      ]),
    )
    .option('--ref <id>', "the confirming system's own id for it")
    .option('--failed <reason>', 'instead of evidence: it did not arrive, and why')
    .option('--by <name>', 'the system that says so (default: the name of the user)')
    .option('--at <time>', 'when it happened, RFC 3339 (default: now)')
    .option('--note <text>', 'what else there is to say')
    .summary('say what became of a handoff that another system has')
    .description(
      'Adds evidence to the receipt of a notice, or takes back what was proved (--failed). A failure makes it blocked, and the next pass raises notice.bounced. Said twice, it is written once. Exit code 1 if it cannot be believed; nothing is written then.',
    );
  withExamples(withJson(withWorkspace(command)), EXAMPLE, 'rgov confirm 3f9a2c1b7d4e --failed "550 no such user" --by mail-gateway');
  return command.action(async (handoff: string, _options, self: Command) => {
    const { ref: reference, at, ...options } = optionsOf<ConfirmCommandOptions>(self);
    const isEvidence = options.evidence !== undefined && reference !== undefined && options.failed === undefined;
    const isFailure = options.failed !== undefined && options.evidence === undefined && reference === undefined;
    if (!isEvidence && !isFailure) {
      const isHalf = options.evidence !== undefined && reference === undefined && options.failed === undefined;
      throw new RgovError('usage', isHalf ? 'evidence needs a reference' : 'either evidence or a failure must be said', {
        expected: '--evidence LEVEL --ref ID, or --failed REASON',
        hint: EXAMPLE,
      });
    }
    const { confirm } = await import('../../run/confirm.ts');
    const result = await confirm({ ...options, handoff, reference, at_ms: timeOption('--at', at, `${EXAMPLE} --at 2026-11-23T03:30:00Z`) });
    return options.json ? printJson(result) : print(confirmedText(result, painter(process.stdout)));
  });
}
