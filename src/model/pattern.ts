import { type Instruction, programOf } from './pattern-program.ts';
import { type Position, parsePattern } from './pattern-syntax.ts';

/** Longest pattern, in UTF-16 units. */
const MAX_PATTERN_LENGTH = 1000;

/** Counts the steps of one evaluation down, so that large texts and large patterns cannot multiply without end. */
export interface StepBudget {
  left: number;
}

/** A regular expression that never backtracks: the time of a match grows with the length of the text, whatever the pattern. */
interface Pattern {
  /** True if the pattern matches anywhere in the text. Throws when the budget is used up. */
  test(text: string, budget: StepBudget): boolean;
}

export type CompiledPattern = { ok: true; pattern: Pattern } | { ok: false; message: string; offset: number };

/**
 * Compiles a pattern in the syntax of RE2, which CEL prescribes: no back-references, no look-around.
 * JavaScript's own engine backtracks, and data of unknown origin could hold it up for hours.
 */
export function compilePattern(source: string): CompiledPattern {
  if (source.length > MAX_PATTERN_LENGTH) return { ok: false, message: `the pattern is longer than ${MAX_PATTERN_LENGTH} characters`, offset: 0 };
  const parsed = parsePattern(source);
  if (!parsed.ok) return parsed;
  const program = programOf(parsed.node);
  if (program === null) return { ok: false, message: 'the pattern is too large once its repetitions are written out', offset: 0 };
  return { ok: true, pattern: { test: (text, budget) => run(program, text, budget) } };
}

/** Thompson's simulation: all states that the pattern can be in, side by side, one character at a time. */
function run(program: readonly Instruction[], text: string, budget: StepBudget): boolean {
  const seen = new Int32Array(program.length).fill(-1);
  let states: number[] = [];
  let previous = -1;
  let step = 0;
  for (let at = 0; ; step++) {
    const current = at < text.length ? (text.codePointAt(at) as number) : -1;
    const position: Position = { previous, current };
    const active: number[] = [];
    // A match may begin at every character, so the first instruction joins the states at each step.
    for (const state of [...states, 0]) if (follow(program, state, position, seen, step, active, budget)) return true;
    if (budget.left < 0) throw new Error('matches(): the text is too long for this pattern');
    if (current === -1) return false;
    states = [];
    for (const state of active) {
      const instruction = program[state] as Instruction;
      if (instruction.op === 'set' && instruction.accepts(current)) states.push(state + 1);
    }
    previous = current;
    at += current > 0xffff ? 2 : 1;
  }
}

/** Adds the states that can be reached without a character; true if the end of the program is one of them. */
function follow(
  program: readonly Instruction[],
  start: number,
  position: Position,
  seen: Int32Array,
  step: number,
  active: number[],
  budget: StepBudget,
): boolean {
  const open = [start];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (seen[state] === step) continue;
    seen[state] = step;
    budget.left--;
    const instruction = program[state] as Instruction;
    if (instruction.op === 'match') return true;
    if (instruction.op === 'set') active.push(state);
    else if (instruction.op === 'jump') open.push(instruction.to);
    else if (instruction.op === 'split') open.push(instruction.to, instruction.or);
    else if (instruction.holds(position)) open.push(state + 1);
  }
  return false;
}
