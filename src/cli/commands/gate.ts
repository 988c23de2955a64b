import type { Command } from 'commander';
import { EXIT_CODES, messageOf, RgovError } from '../../model/errors.ts';
import { isSubject, SUBJECT_WORDS } from '../../model/subject.ts';
import { oneLine, truncate } from '../../model/text.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { gateText } from '../views/gate.ts';

interface GateCommandOptions extends CommonOptions {
  subject: string;
  action: string;
  tool?: string;
  input?: string;
}

export function register(program: Command): Command {
  const command = program
    .command('gate')
    .requiredOption('-s, --subject <subject>', 'who is about to act, such as agent/main')
    .requiredOption('-a, --action <action>', 'what is about to be done, as the gates of the policy name it, such as deploy')
    .option('--tool <name>', 'the tool that is about to be used')
    .option(
      '--input <json>',
      'what the tool is called with, as a JSON object; - reads it from standard input, where nobody else can see it and it may be long',
    )
    .summary('ask whether an action may go on')
    .description(
      'Answers from the files alone whether a gate of the policy stands before an action: exit code 0 if it may go on, 1 if it is held back, with the notices that hold it and what would open it. A gate holds in posture enforce alone; in any other one it is open, and says loudly what it would hold. Where nobody can tell, because documents are invalid or state cannot be read, it is closed in posture enforce. The reporting path itself is never held back.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov gate --subject agent/main --action deploy',
    'rgov gate -s ci/release -a publish && npm publish',
    'rgov gate -s agent/main -a tool --tool bash --input \'{"command": "make deploy"}\' --json | jq -r \'.held[].notices[].notice\'',
  );
  return command.action(async (_options, self: Command) => {
    const { subject, action, tool = '', input, ...options } = optionsOf<GateCommandOptions>(self);
    if (!isSubject(subject))
      throw new RgovError('usage', `--subject ${truncate(oneLine(subject), 60)} is no subject`, {
        expected: SUBJECT_WORDS,
        hint: 'rgov gate --subject agent/main --action deploy',
      });
    const { askGate } = await import('../../run/gate/index.ts');
    const answer = await askGate({ ...options, about: { subject, action, tool, input: parseInput(await textFrom(input)) } });
    if (!answer.open) process.exitCode = EXIT_CODES.negative;
    if (options.json) return printJson(answer);
    const stream = answer.open && answer.warnings.length === 0 ? process.stdout : process.stderr;
    return print(gateText(answer, painter(stream)), stream);
  });
}

async function textFrom(input: string | undefined): Promise<string | undefined> {
  if (input !== '-') return input;
  const { readInput } = await import('../../run/input.ts');
  return Buffer.from(await readInput('-')).toString('utf8');
}

function parseInput(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  const wrong = (detail: string): RgovError =>
    new RgovError('usage', `--input is not a JSON object: ${detail}`, {
      hint: 'rgov gate --subject S --action A --input \'{"command": "make deploy"}\'',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(messageOf(error));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('it is something else');
  return value as Record<string, unknown>;
}
