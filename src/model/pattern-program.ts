import type { PatternNode, Position } from './pattern-syntax.ts';

export type Instruction =
  | { op: 'set'; accepts(codePoint: number): boolean }
  | { op: 'assert'; holds(position: Position): boolean }
  | { op: 'split'; to: number; or: number }
  | { op: 'jump'; to: number }
  | { op: 'match' };

const MAX_INSTRUCTIONS = 2000;

/** A parsed pattern as a program for the simulation, or null if repetitions blow it up beyond the limit. */
export function programOf(root: PatternNode): Instruction[] | null {
  const program: Instruction[] = [];
  if (!emit(root, program)) return null;
  program.push({ op: 'match' });
  return program;
}

function emit(node: PatternNode, program: Instruction[]): boolean {
  if (program.length > MAX_INSTRUCTIONS) return false;
  switch (node.op) {
    case 'set':
      program.push({ op: 'set', accepts: node.accepts });
      return true;
    case 'assert':
      program.push({ op: 'assert', holds: node.holds });
      return true;
    case 'sequence':
      return node.items.every((item) => emit(item, program));
    case 'either':
      return emitEither(node.items, program);
    case 'repeat':
      return emitRepeat(node, program);
  }
}

function emitEither(items: readonly PatternNode[], program: Instruction[]): boolean {
  const jumps: { op: 'jump'; to: number }[] = [];
  for (const [index, item] of items.entries()) {
    if (index === items.length - 1) {
      if (!emit(item, program)) return false;
      continue;
    }
    const split = { op: 'split' as const, to: program.length + 1, or: 0 };
    program.push(split);
    if (!emit(item, program)) return false;
    const jump = { op: 'jump' as const, to: 0 };
    program.push(jump);
    jumps.push(jump);
    split.or = program.length;
  }
  for (const jump of jumps) jump.to = program.length;
  return true;
}

function emitRepeat({ item, min, max }: Extract<PatternNode, { op: 'repeat' }>, program: Instruction[]): boolean {
  for (let i = 0; i < min; i++) if (!emit(item, program)) return false;
  if (max === null) {
    const start = program.length;
    const split = { op: 'split' as const, to: start + 1, or: 0 };
    program.push(split);
    if (!emit(item, program)) return false;
    program.push({ op: 'jump', to: start });
    split.or = program.length;
    return true;
  }
  const splits: { op: 'split'; to: number; or: number }[] = [];
  for (let i = min; i < max; i++) {
    const split = { op: 'split' as const, to: program.length + 1, or: 0 };
    program.push(split);
    splits.push(split);
    if (!emit(item, program)) return false;
  }
  for (const split of splits) split.or = program.length;
  return true;
}
