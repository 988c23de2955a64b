import { type Command, Option } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { EVIDENCE_LADDER, type EvidenceLevel } from '../../model/evidence.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { sendTestText } from '../views/send-test.ts';

export function register(program: Command): Command {
  const command = program
    .command('send-test')
    .argument('<target>', 'a target of the runtime binding')
    .summary('send a real notice to a target, and say what was proved')
    .description(
      'Sends one real notice to a target through the whole pipeline, whatever the rules say, and tells each attempt, what was proved and what was not. It makes a complete pass, so that whatever else is due goes out, too. Exit code 0 if what is required was proved, 1 if it is blocked, pending or not out yet, 3 if there is no such target.',
    )
    .addOption(
      new Option('--requires <level>', 'the proof that counts (default: what the profile asks for)').choices(
        EVIDENCE_LADDER.filter((level) => level !== 'none'),
      ),
    )
    .option('--note <text>', 'for whoever reads the message');
  withExamples(
    withJson(withWorkspace(command)),
    'rgov send-test operator',
    'rgov send-test oncall --requires accepted --note "the new pager, please acknowledge"',
    "rgov send-test operator --json | jq -r '.outcome, .notProved[]'",
  );
  return command.action(async (target: string, _options, self: Command) => {
    const options = optionsOf<CommonOptions & { requires?: EvidenceLevel; note?: string }>(self);
    const { sendTest } = await import('../../run/send-test.ts');
    const report = await sendTest({ ...options, target });
    if (report.outcome !== 'acked') process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(report) : print(sendTestText(report, painter(process.stdout)));
  });
}
