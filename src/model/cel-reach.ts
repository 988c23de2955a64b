import { type CelAst, eventField, walk } from './cel-ast.ts';
import { patternOf } from './cel-functions.ts';
import { SEVERITIES } from './severities.ts';

/** All that is known before an event is there: its type, severity and provenance, one value of each. */
type Known = Record<string, string>;
/** A value that is certain, or nothing certain. */
type Outcome = { value: unknown } | null;

const PROVENANCES = ['observed', 'asserted', 'derived'];

/** Fields of an event that can only hold certain words, and the words; the types are the caller's to know. */
export const CLOSED_FIELDS: Record<string, readonly string[]> = { severity: SEVERITIES, provenance: PROVENANCES };

/**
 * True if no event of the known types can make the condition true, whatever its severity, provenance and other content.
 * False where that cannot be told.
 */
export function neverTrue(ast: CelAst, knownTypes: readonly string[]): boolean {
  for (const type of knownTypes) {
    for (const severity of SEVERITIES) {
      for (const provenance of PROVENANCES) {
        const outcome = evaluate(ast, { type, severity, provenance });
        if (outcome === null || outcome.value === true) return false;
      }
    }
  }
  return true;
}

function evaluate(node: CelAst, known: Known): Outcome {
  const field = eventField(node);
  if (field !== null) return Object.hasOwn(known, field) ? { value: known[field] } : null;
  switch (node.op) {
    case 'value':
      return { value: node.args };
    case '||':
      return either(evaluate(node.args[0], known), () => evaluate(node.args[1], known), true);
    case '&&':
      return either(evaluate(node.args[0], known), () => evaluate(node.args[1], known), false);
    case '!_':
      return negated(evaluate(node.args, known));
    case '==':
      return equal(evaluate(node.args[0], known), evaluate(node.args[1], known));
    case '!=':
      return negated(equal(evaluate(node.args[0], known), evaluate(node.args[1], known)));
    case 'in':
      return within(evaluate(node.args[0], known), node.args[1], known);
    case '?:':
      return chosen(node, known);
    case 'rcall':
      return called(node, known);
    default:
      return null;
  }
}

/** `||` (decisive: true) and `&&` (decisive: false): one decisive side settles it, even beside an unknown one. */
function either(left: Outcome, right: () => Outcome, decisive: boolean): Outcome {
  if (left?.value === decisive) return left;
  const other = right();
  if (other?.value === decisive) return other;
  return left !== null && other !== null ? { value: !decisive } : null;
}

function negated(outcome: Outcome): Outcome {
  return outcome !== null && typeof outcome.value === 'boolean' ? { value: !outcome.value } : null;
}

/** Only words and truth values are compared; numbers and the rest are left open. */
function equal(left: Outcome, right: Outcome): Outcome {
  if (left === null || right === null) return null;
  return isPlain(left.value) && isPlain(right.value) ? { value: left.value === right.value } : null;
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean';
}

function within(item: Outcome, list: CelAst, known: Known): Outcome {
  if (list.op !== 'list') return null;
  const found = list.args.map((entry) => equal(item, evaluate(entry, known)));
  if (found.some((outcome) => outcome?.value === true)) return { value: true };
  return found.every((outcome) => outcome !== null) ? { value: false } : null;
}

function chosen(node: Extract<CelAst, { op: '?:' }>, known: Known): Outcome {
  const condition = evaluate(node.args[0], known);
  if (condition !== null) return evaluate(condition.value === true ? node.args[1] : node.args[2], known);
  const yes = evaluate(node.args[1], known);
  const no = evaluate(node.args[2], known);
  return equal(yes, no)?.value === true ? yes : null;
}

function called(node: Extract<CelAst, { op: 'rcall' }>, known: Known): Outcome {
  const [name, receiver, args] = node.args;
  const text = evaluate(receiver, known)?.value;
  const argument = args.length === 1 ? evaluate(args[0] as CelAst, known)?.value : undefined;
  if (typeof text !== 'string' || typeof argument !== 'string') return null;
  switch (name) {
    case 'startsWith':
      return { value: text.startsWith(argument) };
    case 'endsWith':
      return { value: text.endsWith(argument) };
    case 'contains':
      return { value: text.includes(argument) };
    case 'matches':
    case '__matches': {
      const compiled = patternOf(argument);
      return compiled.ok ? { value: compiled.pattern.test(text) } : null;
    }
    default:
      return null;
  }
}

export interface NamedConstant {
  /** `type`, `severity` or `provenance`. */
  field: string;
  value: string;
  /** Index into the source. */
  offset: number;
}

/** The words that an expression compares type, severity and provenance of the event with (`==`, `!=`, `in`). */
export function namedConstants(ast: CelAst): NamedConstant[] {
  const found: NamedConstant[] = [];
  const note = (field: string | null, node: CelAst): void => {
    if (field === null || node.op !== 'value' || typeof node.args !== 'string') return;
    if (field === 'type' || Object.hasOwn(CLOSED_FIELDS, field)) found.push({ field, value: node.args, offset: node.start });
  };
  for (const node of walk(ast)) {
    if (node.op === '==' || node.op === '!=') {
      note(eventField(node.args[0]), node.args[1]);
      note(eventField(node.args[1]), node.args[0]);
    } else if (node.op === 'in' && node.args[1].op === 'list') {
      for (const entry of node.args[1].args) note(eventField(node.args[0]), entry);
    }
  }
  return found;
}
