import type { Command } from 'commander';
import { EXIT_CODES, RgovError } from '../../model/errors.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { painter, print, printJson } from '../terminal.ts';
import { selfTestText } from '../views/self-test.ts';

interface GateCommandOptions extends CommonOptions {
  subject?: string;
  action?: string;
  tool?: string;
  input?: string;
  claudeCode?: boolean;
  selfTest?: boolean;
}

export function register(program: Command): Command {
  const command = program
    .command('gate')
    .option('-s, --subject <subject>', 'who is about to act, such as agent/main')
    .option('-a, --action <action>', 'what is about to be done, as the gates of the policy name it, such as deploy')
    .option('--tool <name>', 'the tool that is about to be used')
    .option(
      '--input <json>',
      'what the tool is called with, as a JSON object; - reads it from standard input, where nobody else can see it and it may be long',
    )
    .option('--claude-code', 'answer a hook of Claude Code on standard input: exit code 2 and the reason on standard error hold it back')
    .option('--self-test', 'prove that each shell that is installed really holds back and lets go: exit code 1 if one does not')
    .summary('ask whether an action may go on')
    .description(
      'Answers from the files alone whether a gate of the policy stands before an action: exit code 0 if it may go on, 1 if it is held back, with the notices that hold it and what would open it. A gate holds in posture enforce alone; in any other one it is open, and says loudly what it would hold. Where nobody can tell, because documents are invalid or state cannot be read, it is closed in posture enforce. The reporting path itself is never held back.',
    );
  withExamples(
    withJson(withWorkspace(command)),
    'rgov gate --subject agent/main --action deploy',
    'rgov gate -s ci/release -a publish && npm publish',
    'rgov gate -s agent/main -a tool --tool bash --input \'{"command": "make deploy"}\' --json | jq -r \'.held[].notices[].notice\'',
    'rgov -C /srv/ops gate --claude-code < hook.json',
    'rgov gate --self-test',
  );
  return command.action(async (_options, self: Command) => {
    const { subject, action, tool, input, claudeCode, selfTest, json, ...options } = optionsOf<GateCommandOptions>(self);
    const question = { subject, action, tool, input };
    if (selfTest) return selfTestAndPrint(alone('--self-test', { ...question, 'claude-code': claudeCode }, options), json === true);
    const { answerHook, askAndPrint } = await import('../gate-and-print.ts');
    if (claudeCode) return answerHook(alone('--claude-code', { ...question, json }, options));
    if (subject === undefined) throw missing('-s, --subject <subject>');
    if (action === undefined) throw missing('-a, --action <action>');
    return askAndPrint({ ...options, subject, action, ...definedOnly({ tool, input, json }) });
  });
}

async function selfTestAndPrint(options: CommonOptions, json: boolean): Promise<void> {
  const { selfTest } = await import('../../run/gate/self-test.ts');
  const report = await selfTest(options);
  if (!report.ok) process.exitCode = EXIT_CODES.negative;
  return json ? printJson(report) : print(selfTestText(report, painter(process.stdout)));
}

/** Refuses what an option of its own kind does not go with. */
function alone<T>(option: string, others: Record<string, unknown>, options: T): T {
  const other = Object.keys(others).find((name) => others[name] !== undefined);
  if (other === undefined) return options;
  throw new RgovError('usage', `${option} does not go with --${other}`, { hint: 'rgov gate --help' });
}

const missing = (option: string): RgovError =>
  new RgovError('usage', `required option '${option}' not specified`, { hint: 'rgov gate --subject agent/main --action deploy' });

function definedOnly<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
