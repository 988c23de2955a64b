import type { Event } from './artifacts.ts';
import type { CelAst } from './cel-ast.ts';
import { hasLoop, refuse } from './cel-limits.ts';
import { type CelFailure, type CelProgram, compileWith, newEnvironment } from './cel-program.ts';
import { didYouMean } from './text.ts';

export { CLOSED_FIELDS, namedConstants, neverTrue } from './cel-reach.ts';

/** A condition with a loop is not evaluated over data with more values than this. */
const MAX_LOOP_VALUES = 2000;

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

const environment = newEnvironment()
  .registerType('Event', { ctor: CelEvent as unknown as new () => CelEvent, fields: FIELDS })
  .registerVariable('event', 'Event');

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
  | CelFailure;

/** Parses and checks a CEL expression over `event`. Never throws. */
export function compileCel(source: string): CompiledCel {
  const program = compileWith(source, { environment, prepare: (ast) => refuse(ast, EVENT_FIELDS), unknown: unknownVariable });
  if (!program.ok) return program;
  const looping = hasLoop(program.ast);
  return { ok: true, type: program.type, evaluate: (event) => evaluate(program, event, looping), ast: program.ast };
}

function unknownVariable(variable: string): { message: string; suggestion: string | null } {
  const suggestion = EVENT_FIELDS.includes(variable) ? `event.${variable}` : didYouMean(variable, ['event']);
  return { message: `unknown variable "${variable}"`, suggestion };
}

function evaluate(program: CelProgram, event: Event, looping: boolean): unknown {
  if (looping && valuesIn(event.data, MAX_LOOP_VALUES + 1) > MAX_LOOP_VALUES) {
    throw new Error(`the data hold more than ${MAX_LOOP_VALUES} values, too many for a condition with a loop`);
  }
  return program.run({ event: new CelEvent(event) });
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
