import { type CelAst, eventField, loopOf, partsOf, walk } from './cel-ast.ts';
import { isReservedName, patternOf, pureNameOf } from './cel-functions.ts';
import { didYouMean } from './text.ts';

export interface Refusal {
  message: string;
  /** Index into the source. */
  offset: number;
  suggestion?: string;
}

/** What an expression must not do although the library would let it; null if there is nothing. Turns calls to their pure versions. */
export function refuse(ast: CelAst, fields: readonly string[]): Refusal | null {
  let maps = 0;
  for (const node of walk(ast)) {
    const refusal = refuseField(node, fields) ?? refuseIdentifier(node, fields) ?? refuseCall(node);
    if (refusal) return refusal;
    if (loopOf(node)?.name === 'map' && ++maps > 1) return { message: 'only one map() is allowed in an expression', offset: node.start };
  }
  return refuseNestedLoops(ast, null);
}

export function hasLoop(ast: CelAst): boolean {
  for (const node of walk(ast)) if (loopOf(node)) return true;
  return false;
}

function refuseField(node: CelAst, fields: readonly string[]): Refusal | null {
  const field = eventField(node);
  if (field !== null && !fields.includes(field)) {
    const suggestion = didYouMean(field, fields);
    return { message: `event has no field "${field}"`, offset: node.pos, ...(suggestion === null ? {} : { suggestion: `event.${suggestion}` }) };
  }
  if (node.op === '[]' && node.args[0].op === 'id' && node.args[0].args === 'event' && field === null) {
    return { message: 'a field of event is named in the expression itself: event.type', offset: node.start };
  }
  return null;
}

function refuseIdentifier(node: CelAst, fields: readonly string[]): Refusal | null {
  if (loopOf(node)?.variable === 'event') return { message: 'a loop must not call its item "event"', offset: node.start };
  // `type` alone is a type of CEL itself; whoever compares it means the event's.
  const compared = node.op === '==' || node.op === '!=' ? node.args.find((side) => side.op === 'id' && side.args === 'type') : undefined;
  if (compared && fields.includes('type')) return { message: 'unknown variable "type"', offset: compared.start, suggestion: 'event.type' };
  return null;
}

function refuseCall(node: CelAst): Refusal | null {
  if (node.op !== 'call' && node.op !== 'rcall') return null;
  const name = node.args[0];
  const args = node.op === 'call' ? node.args[1] : node.args[2];
  if (isReservedName(name)) return { message: `unknown function ${name}()`, offset: node.start };
  if (node.op === 'rcall' && name === 'bind') return { message: 'cel.bind() is not supported', offset: node.start };
  const pure = pureNameOf(name, node.op === 'rcall', args.length);
  if (pure === null) return null;
  (node.args as [string, ...unknown[]])[0] = pure;
  return name === 'matches' ? refusePattern(args[0] as CelAst) : null;
}

function refusePattern(argument: CelAst): Refusal | null {
  if (argument.op !== 'value' || typeof argument.args !== 'string') {
    return { message: 'the pattern of matches() must be written out in the expression', offset: argument.start };
  }
  const compiled = patternOf(argument.args);
  return compiled.ok ? null : { message: `matches(): ${compiled.message}`, offset: argument.start };
}

/**
 * A loop inside a loop may only run over a part of the outer loop's item, and that loop over a part of the event: then the
 * work grows with the size of the data, and not with its square.
 */
function refuseNestedLoops(node: CelAst, item: string | null): Refusal | null {
  const loop = loopOf(node);
  if (loop === null) {
    for (const part of partsOf(node)) {
      const refusal = refuseNestedLoops(part, item);
      if (refusal) return refusal;
    }
    return null;
  }
  const root = rootOf(loop.over);
  if (item !== null && root !== item) return { message: `a loop inside a loop must run over a part of its item "${item}"`, offset: node.start };
  const refusal = refuseNestedLoops(loop.over, item);
  if (refusal) return refusal;
  if (root === null && loop.body.some(hasLoop)) {
    return { message: 'a loop with a loop inside must run over a plain part of the event, such as event.data.items', offset: node.start };
  }
  for (const part of loop.body) {
    const inner = refuseNestedLoops(part, loop.variable);
    if (inner) return inner;
  }
  return null;
}

function rootOf(node: CelAst): string | null {
  if (node.op === 'id') return node.args;
  return node.op === '.' || node.op === '[]' ? rootOf(node.args[0]) : null;
}
