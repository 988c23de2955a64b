import type { Command } from 'commander';
import { EXIT_CODES } from '../../model/errors.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { doctorText } from '../views/doctor.ts';

export function register(program: Command): Command {
  const command = program
    .command('doctor')
    .option('--probe', 'also ask whether each sender can be reached, over the network where it has to be; nothing is sent to anybody')
    .summary('find what would keep this deployment from working, and how to mend it')
    .description(
      'Looks at what a deployment depends on: Node, documents, the state folder and its file system, clocks, watches, git, secrets, and whether passes come as scheduled. What it has to try out, it tries out in a folder of its own below state/, and removes it again. Exit code 1 with every finding, and what mends it.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov doctor',
    'rgov doctor --probe',
    "rgov doctor --json | jq -r '.checks[].findings[] | [.check, .problem, .mend] | @tsv'",
  );
  return command.action(async (_options, self: Command) => {
    const options = optionsOf<CommonOptions & { probe?: boolean }>(self);
    const { examine } = await import('../../run/doctor/index.ts');
    const report = await examine(options);
    if (!report.ok) process.exitCode = EXIT_CODES.negative;
    return options.json ? printJson(report) : print(doctorText(report, painter(process.stdout)));
  });
}
