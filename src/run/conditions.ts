import type { Event } from '../model/artifacts.ts';
import type { Conditions } from '../plan/conditions.ts';

const NONE: Conditions = {
  evaluate() {
    throw new Error('no expression is compiled: nothing was to be decided');
  },
};

let compiling: Promise<Conditions> | undefined;

/** The expressions of the rules, each compiled once. The CEL library is loaded only when there is something to decide. */
export function loadConditions(needed: boolean): Promise<Conditions> {
  if (!needed) return Promise.resolve(NONE);
  compiling ??= loadCompiler();
  return compiling;
}

async function loadCompiler(): Promise<Conditions> {
  const { compileCel } = await import('../model/cel.ts');
  const programs = new Map<string, (event: Event) => unknown>();
  return {
    evaluate(expression, event) {
      let program = programs.get(expression);
      if (!program) {
        const result = compileCel(expression);
        program = result.ok ? result.evaluate : () => fail(result.message);
        programs.set(expression, program);
      }
      return program(event);
    },
  };
}

function fail(message: string): never {
  throw new Error(message);
}
