import { Environment } from '@marcbachmann/cel-js';
import type { Event } from './artifacts.ts';
import type { CelAst } from './cel-ast.ts';
import { registerPureFunctions, withoutPrefix } from './cel-functions.ts';
import { hasLoop, refuse } from './cel-limits.ts';
import { messageOf } from './errors.ts';
import { didYouMean, oneLine } from './text.ts';

export { CLOSED_FIELDS, namedConstants, neverTrue } from './cel-reach.ts';

/** Longest expression, in UTF-16 units. */
const MAX_EXPRESSION_LENGTH = 4000;
/** A condition with a loop is not evaluated over data with more values than this. */
const MAX_LOOP_VALUES = 2000;

const LIMITS = { maxAstNodes: 500, maxDepth: 32, maxListElements: 200, maxMapEntries: 50, maxCallArguments: 8 };

const FIELDS = {
  id: 'string',
  source: 'string',
  type: 'string',
  subject: 'string',
  time: 'string',
  recordedtime: 'string',
  severity: 'string',
  provenance: 'string',
  runid: 'string',
  data: 'map<string, dyn>',
};

/** What a condition may read of an event. */
export const EVENT_FIELDS: readonly string[] = Object.keys(FIELDS);

/** The event as conditions see it: exactly the declared fields, none of them absent. */
class CelEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly recordedtime: string;
  readonly severity: string;
  readonly provenance: string;
  readonly runid: string;
  readonly data: Record<string, unknown>;

  constructor(event: Event) {
    this.id = event.id;
    this.source = event.source;
    this.type = event.type;
    this.subject = event.subject;
    this.time = event.time;
    this.recordedtime = event.recordedtime;
    this.severity = event.severity;
    this.provenance = event.provenance;
    this.runid = event.runid ?? '';
    this.data = event.data ?? {};
  }
}

const environment = registerPureFunctions(
  new Environment({ limits: LIMITS })
    .registerType('Event', { ctor: CelEvent as unknown as new () => CelEvent, fields: FIELDS })
    .registerVariable('event', 'Event'),
);

export type CompiledCel =
  | {
      ok: true;
      /** The static type: `bool`, `string`, `int`, ..., or `dyn` where only the data can tell. */
      type: string;
      /**
       * Pure: the same event always gives the same value. Throws an Error with a message of one line if the event's data do
       * not have what the expression reads, and does so after bounded work whatever the data are.
       */
      evaluate(event: Event): unknown;
      ast: CelAst;
    }
  | {
      ok: false;
      /** One line. */
      message: string;
      /** Index into the source, in UTF-16 units. */
      offset: number;
      suggestion?: string;
    };

/** Parses and checks a CEL expression over `event`. Never throws. */
export function compileCel(source: string): CompiledCel {
  if (source.length > MAX_EXPRESSION_LENGTH) {
    return { ok: false, message: `the expression is longer than ${MAX_EXPRESSION_LENGTH} characters`, offset: MAX_EXPRESSION_LENGTH };
  }
  try {
    const program = environment.parse(source);
    const refusal = refuse(program.ast, EVENT_FIELDS);
    if (refusal) return { ok: false, ...refusal };
    const checked = program.check();
    if (!checked.valid) return failure(checked.error, source);
    const looping = hasLoop(program.ast);
    return { ok: true, type: checked.type ?? 'dyn', evaluate: (event) => evaluate(program, event, looping), ast: program.ast };
  } catch (error) {
    return failure(error, source);
  }
}

function evaluate(program: (context: Record<string, unknown>) => unknown, event: Event, looping: boolean): unknown {
  try {
    if (looping && valuesIn(event.data, MAX_LOOP_VALUES + 1) > MAX_LOOP_VALUES) {
      throw new Error(`the data hold more than ${MAX_LOOP_VALUES} values, too many for a condition with a loop`);
    }
    return program({ event: new CelEvent(event) });
  } catch (error) {
    throw new Error(summaryOf(error));
  }
}

/** How many values there are, counted no further than `limit`. */
function valuesIn(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const inner of Object.values(value)) {
    count += valuesIn(inner, limit - count);
    if (count >= limit) return count;
  }
  return count;
}

function failure(error: unknown, source: string): CompiledCel {
  const range = (error as { range?: { start?: unknown } }).range;
  const offset = typeof range?.start === 'number' ? Math.min(range.start, source.length) : 0;
  const message = error instanceof RangeError ? 'the expression is nested too deeply' : summaryOf(error);
  const unknown = /^Unknown variable: (\w+)$/.exec(message)?.[1];
  if (unknown === undefined) return { ok: false, message, offset };
  const suggestion = EVENT_FIELDS.includes(unknown) ? `event.${unknown}` : didYouMean(unknown, ['event']);
  return { ok: false, message: `unknown variable "${unknown}"`, offset, ...(suggestion === null ? {} : { suggestion }) };
}

/** The library draws the expression below its messages; only the sentence itself is wanted. */
function summaryOf(error: unknown): string {
  const { summary } = error as { summary?: unknown };
  const message = oneLine(withoutPrefix(typeof summary === 'string' ? summary : messageOf(error))).slice(0, 500);
  return /: EOF$|, got EOF$/.test(message) ? 'the expression ends too early' : message;
}
