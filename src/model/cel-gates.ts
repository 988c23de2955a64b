import type { Environment } from '@marcbachmann/cel-js';
import { type CelAst, walk } from './cel-ast.ts';
import { type Refusal, refuse } from './cel-limits.ts';
import { type CelFailure, compileWith, newEnvironment } from './cel-program.ts';
import { SEVERITIES } from './severities.ts';
import { didYouMean } from './text.ts';

/** What is about to be done, as a gate sees it. */
export interface GatedAction {
  action: string;
  /** Who is about to do it. */
  subject: string;
  /** Empty where it is no tool. */
  tool: string;
  /** What the tool is called with. */
  input: Record<string, unknown>;
}

/** A notice, as a gate sees it. */
export interface GatingNotice {
  severity: string;
  /** Whom its event is about. */
  subject: string;
  /** Of its event; `type` alone is a word of CEL itself. */
  eventType: string;
  rule: string;
  target: string;
  /** Who is about to act. */
  actor: string;
}

const ACTION = { action: 'string', subject: 'string', tool: 'string', input: 'map<string, dyn>' } as const;
const NOTICE = { severity: 'string', subject: 'string', eventType: 'string', rule: 'string', target: 'string', actor: 'string' } as const;

const COMPARISONS = new Set(['<', '<=', '>', '>=', '==', '!=']);
const RANK = '__severity';

export type CompiledGate<T> =
  | {
      ok: true;
      /** `bool`, or `dyn` where only the input can tell. */
      type: string;
      /** Throws an Error with a message of one line where the input does not have what the expression reads. */
      evaluate(over: T): unknown;
    }
  | CelFailure;

/** A condition over what is about to be done. Never throws. */
export const compileAction = (source: string): CompiledGate<GatedAction> => compile(source, actions, ACTION);

/** A condition over a notice, in which severities are compared by their gravity: `severity >= 'error'`. Never throws. */
export const compileNotices = (source: string): CompiledGate<GatingNotice> => compile(source, notices, NOTICE);

const environmentOf = (variables: Record<string, string>): Environment => {
  const environment = newEnvironment();
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  return environment;
};
const actions = environmentOf(ACTION);
const notices = environmentOf({ ...NOTICE, [RANK]: 'int' });

function compile<T extends object>(source: string, environment: Environment, variables: Record<string, string>): CompiledGate<T> {
  const names = Object.keys(variables);
  const program = compileWith(source, {
    environment,
    prepare: (ast) => refuse(ast, []) ?? (names.includes('severity') ? rankSeverities(ast) : null),
    unknown: (variable) => ({ message: `unknown variable "${variable}"; there are ${names.join(', ')}`, suggestion: didYouMean(variable, names) }),
  });
  if (!program.ok) return program;
  return { ok: true, type: program.type, evaluate: (over) => program.run({ ...over, ...rankOf(over as { severity?: string }) }) };
}

const rankOf = ({ severity }: { severity?: string }): Record<string, bigint> =>
  severity === undefined ? {} : { [RANK]: BigInt(SEVERITIES.indexOf(severity)) };

/** Turns comparisons of a severity with a word into comparisons of their ranks: as texts, `critical` would come before `error`. */
function rankSeverities(ast: CelAst): Refusal | null {
  for (const node of walk(ast)) {
    if (!COMPARISONS.has(node.op)) continue;
    const sides = node.args as CelAst[];
    const severity = sides.find((side) => side.op === 'id' && side.args === 'severity');
    const word = sides.find((side) => side.op === 'value' && typeof side.args === 'string');
    if (!severity) continue;
    if (!word) return { message: 'a severity is compared with a word', offset: node.start, suggestion: "severity >= 'error'" };
    const rank = SEVERITIES.indexOf(word.args as string);
    if (rank < 0) {
      const suggestion = didYouMean(word.args as string, SEVERITIES);
      const message = `there is no severity "${String(word.args).slice(0, 80)}"; there are ${SEVERITIES.join(', ')}`;
      return { message, offset: word.start, ...(suggestion === null ? {} : { suggestion }) };
    }
    Object.assign(severity, { args: RANK });
    Object.assign(word, { args: BigInt(rank) });
  }
  return null;
}
