import { EXIT_CODES, messageOf, RgovError } from '../model/errors.ts';
import { parseStrict } from '../model/json.ts';
import { isSubject, SUBJECT_WORDS } from '../model/subject.ts';
import { oneLine, truncate } from '../model/text.ts';
import { shellWord } from '../run/activate/quote.ts';
import { judgeHook } from '../run/gate/claude-code.ts';
import { askGate } from '../run/gate/index.ts';
import { ownCommand } from '../run/gate/own-command.ts';
import type { WorkspaceOptions } from '../run/locate.ts';
import { readStandardInput } from './standard-input.ts';
import { painter, print, printJson } from './terminal.ts';
import { gateText } from './views/gate.ts';
import { hookText } from './views/gate-hook.ts';

export interface GateQuestion extends WorkspaceOptions {
  subject: string;
  action: string;
  tool?: string;
  input?: string;
  json?: boolean;
}

/** One question, what there is to say of it, and the exit code. */
export async function askAndPrint({ subject, action, tool = '', input, json, ...options }: GateQuestion): Promise<void> {
  if (!isSubject(subject))
    throw new RgovError('usage', `--subject ${truncate(oneLine(subject), 60)} is no subject`, {
      expected: SUBJECT_WORDS,
      hint: 'rgov gate --subject agent/main --action deploy',
    });
  const answer = await askGate({
    ...options,
    about: { subject, action, tool, input: parseInput(input === '-' ? textOf(readStandardInput()) : input) },
  });
  if (!answer.open) process.exitCode = EXIT_CODES.negative;
  if (json) return printJson(answer);
  const stream = answer.open && answer.warnings.length === 0 ? process.stdout : process.stderr;
  return print(gateText(answer, painter(stream)), stream);
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

function parseInput(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  const wrong = (detail: string): RgovError =>
    new RgovError('usage', `--input is not a JSON object: ${detail}`, {
      hint: 'rgov gate --subject S --action A --input \'{"command": "make deploy"}\'',
    });
  // A key that stands there twice is one thing to this program, and another one to whoever runs the tool.
  const parsed = parseStrict(text);
  if (!parsed.ok) throw wrong(parsed.detail);
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('it is something else');
  return value as Record<string, unknown>;
}

/** The one exit code by which a hook of Claude Code holds something back; after any other one but 0 the action goes on, and a person sees an error. */
const BLOCK = 2;

/** A hook on standard input; the answer is the exit code, and for the model the text on standard error. Never throws. */
export async function answerHook(options: WorkspaceOptions): Promise<void> {
  // However this ends before there is an answer, it must not let anything go on.
  process.exitCode = BLOCK;
  process.once('uncaughtException', holdBack);
  const verdict = await judgeHook(readStandardInput(), options);
  await print(hookText(verdict, programWords(options)), process.stderr);
  process.off('uncaughtException', holdBack);
  if (!verdict.block) process.exitCode = 0;
}

function holdBack(error: Error): void {
  process.stderr.write(`rgov gate: held back, by a fault of the program: ${messageOf(error)}\n`);
  process.exit(BLOCK);
}

/** What whoever is held back may call, as words of a shell. */
function programWords(options: WorkspaceOptions): string {
  const { programs, workspace } = ownCommand(options);
  const root = workspace();
  const program = (programs[1] ?? ['rgov']).map(shellWord);
  return [...program, ...(root === null ? [] : ['-C', shellWord(root)])].join(' ');
}
