import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Severity } from '../../model/artifacts.ts';
import { RgovError } from '../../model/errors.ts';
import { REPORT_WORDS } from '../../model/event-types.ts';
import { type CommonOptions, optionsOf, withExamples, withJson, withWorkspace } from '../options.ts';
import { print, printJson } from '../terminal.ts';

interface ReportCommandOptions extends CommonOptions {
  subject: string;
  summary?: string;
  severity?: Severity;
  runId?: string;
  id?: string;
  data?: Record<string, unknown>;
}

export function register(program: Command): Command {
  const command = program
    .command('report')
    .argument('<word>', Object.keys(REPORT_WORDS).join(', '))
    .summary('say how a piece of work is going')
    .description(
      'Records what a subject says of itself. Exit code 0 means that the event is durable on disk; it does not mean that anybody was told.',
    )
    .requiredOption('-s, --subject <subject>', 'who reports: job/nightly-backup, agent/main, task/1234')
    .option('--summary <text>', 'the one line that a human wants to read first')
    .addOption(new Option('--severity <severity>', 'as in PagerDuty (default: that of the word)').choices(['info', 'warning', 'error', 'critical']))
    .option('--run-id <id>', 'which run of the subject this is')
    .option('--id <id>', 'makes a repeated call the same fact: the second one records nothing')
    .option('--data <key=value>', 'a further fact; numbers and true/false keep their type (repeatable)', collect);
  withExamples(
    withJson(withWorkspace(command)),
    'rgov report succeeded --subject job/nightly-backup --summary "212 GB in 41 minutes" --data bytes=212000000000',
    'rgov report blocked --subject agent/main --summary "needs a decision: delete 3 branches?"',
  );
  return command.action(async (word: string, _options, self: Command) => {
    const options = optionsOf<ReportCommandOptions>(self);
    const { report } = await import('../../run/intake.ts');
    const result = await report({ ...options, data: options.data ?? {}, word });
    if (result.status === 'conflict') {
      throw new RgovError('negative', `nothing was recorded: ${result.detail}`, { hint: `rgov explain ${result.event}`, details: result });
    }
    return options.json ? printJson(result) : print(`${result.status}  ${result.event}`);
  });
}

/** `rows=5` is a number and `ok=true` is true or false, so that conditions can compare them; anything else is text. */
function collect(pair: string, known: Record<string, unknown> = {}): Record<string, unknown> {
  const at = pair.indexOf('=');
  const key = pair.slice(0, at);
  if (at < 1) throw new InvalidArgumentError(`expected key=value, got ${JSON.stringify(pair.slice(0, 80))}.`);
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,79}$/.test(key) || key === '__proto__')
    throw new InvalidArgumentError(`${JSON.stringify(key.slice(0, 80))} cannot be a key.`);
  const text = pair.slice(at + 1);
  const number = Number(text);
  const value = text === 'true' ? true : text === 'false' ? false : text !== '' && Number.isFinite(number) && String(number) === text ? number : text;
  return { ...known, [key]: value };
}
