import type { ASTNode } from '@marcbachmann/cel-js';

/** A parsed CEL expression, as the library represents it. */
export type CelAst = ASTNode;

const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** The direct parts of an expression, in the order in which they are written. */
export function partsOf(node: CelAst): CelAst[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

/** Every expression inside an expression, itself first. */
export function* walk(node: CelAst): Generator<CelAst> {
  yield node;
  for (const part of partsOf(node)) yield* walk(part);
}

export interface Loop {
  name: string;
  over: CelAst;
  variable: string;
  body: CelAst[];
}

/** `list.exists(x, ...)` and its like, which run their body once per item; null for anything else. */
export function loopOf(node: CelAst): Loop | null {
  if (node.op !== 'rcall' || !LOOPS.has(node.args[0])) return null;
  const [name, over, [variable, ...body]] = node.args;
  return variable?.op === 'id' && body.length > 0 ? { name, over, variable: variable.args, body } : null;
}

/** The field of `event` that a node stands for, or null. */
export function eventField(node: CelAst): string | null {
  if (node.op === '.' && node.args[0].op === 'id' && node.args[0].args === 'event') return node.args[1];
  if (node.op !== '[]') return null;
  const [object, key] = node.args;
  return object.op === 'id' && object.args === 'event' && key.op === 'value' && typeof key.args === 'string' ? key.args : null;
}
