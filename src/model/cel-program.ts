import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { CelAst } from './cel-ast.ts';
import { registerPureFunctions, withoutPrefix } from './cel-functions.ts';
import type { Refusal } from './cel-limits.ts';
import { messageOf } from './errors.ts';
import { oneLine } from './text.ts';

/** Longest expression, in UTF-16 units. */
const MAX_EXPRESSION_LENGTH = 4000;
const LIMITS = { maxAstNodes: 500, maxDepth: 32, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 8 };

export type CelFailure = { ok: false } & Refusal;

export interface CelProgram {
  ok: true;
  /** The static type: `bool`, `string`, `int`, ..., or `dyn` where only the data can tell. */
  type: string;
  ast: CelAst;
  /** Throws an Error with a message of one line. */
  run(context: Record<string, unknown>): unknown;
}

/** What expressions are written in: CEL with limits, and with functions that depend on nothing but their arguments. */
export const newEnvironment = (): Environment => registerPureFunctions(new Environment({ limits: LIMITS }));

interface Rules {
  environment: Environment;
  /** What is to be refused although the library would let it; may turn parts of the expression into others. */
  prepare(ast: CelAst): Refusal | null;
  /** What is said of a variable that there is none of, and what may be meant. */
  unknown(variable: string): { message: string; suggestion: string | null };
}

/** Parses and checks an expression. Never throws. */
export function compileWith(source: string, { environment, prepare, unknown }: Rules): CelProgram | CelFailure {
  if (source.length > MAX_EXPRESSION_LENGTH) {
    return { ok: false, message: `the expression is longer than ${MAX_EXPRESSION_LENGTH} characters`, offset: MAX_EXPRESSION_LENGTH };
  }
  try {
    const program: ParseResult = environment.parse(source);
    const refusal = prepare(program.ast);
    if (refusal) return { ok: false, ...refusal };
    const checked = program.check();
    if (!checked.valid) return failure(checked.error, source, unknown);
    return { ok: true, type: checked.type ?? 'dyn', ast: program.ast, run: (context) => run(program, context) };
  } catch (error) {
    return failure(error, source, unknown);
  }
}

function run(program: ParseResult, context: Record<string, unknown>): unknown {
  try {
    return program(context);
  } catch (error) {
    throw new Error(summaryOf(error));
  }
}

function failure(error: unknown, source: string, unknown: Rules['unknown']): CelFailure {
  const range = (error as { range?: { start?: unknown } }).range;
  const offset = typeof range?.start === 'number' ? Math.min(range.start, source.length) : 0;
  const message = error instanceof RangeError ? 'the expression is nested too deeply' : summaryOf(error);
  const variable = /^Unknown variable: (\w+)$/.exec(message)?.[1];
  if (variable === undefined) return { ok: false, message, offset };
  const { message: words, suggestion } = unknown(variable);
  return { ok: false, message: words, offset, ...(suggestion === null ? {} : { suggestion }) };
}

/** The library draws the expression below its messages; only the sentence itself is wanted. */
function summaryOf(error: unknown): string {
  const { summary } = error as { summary?: unknown };
  const message = oneLine(withoutPrefix(typeof summary === 'string' ? summary : messageOf(error))).slice(0, 500);
  return /: EOF$|, got EOF$/.test(message) ? 'the expression ends too early' : message;
}
