import type { Event } from '../model/artifacts.ts';
import type { Catalog } from '../model/catalog.ts';
import type { Conditions } from '../plan/conditions.ts';

const NONE: Conditions = {
  evaluate() {
    throw new Error('no expression is compiled: nothing was to be decided');
  },
};

const compiled = new Map<string, Conditions>();

/** The expressions of the rules in force. The CEL library is loaded only when there is something to decide. */
export async function loadConditions(catalog: Catalog, needed: boolean): Promise<Conditions> {
  if (!needed) return NONE;
  const known = compiled.get(catalog.digest);
  if (known) return known;
  const { compileCel } = await import('../model/cel.ts');
  const programs = new Map<string, (event: Event) => unknown>();
  for (const rule of catalog.rules) {
    for (const source of [rule.when, ...(rule.dedupe ? [rule.dedupe.key] : [])]) {
      const result = compileCel(source);
      programs.set(source, result.ok ? result.evaluate : () => fail(result.message));
    }
  }
  const conditions: Conditions = {
    evaluate(expression, event) {
      const program = programs.get(expression);
      return program ? program(event) : fail(`unknown expression: ${expression}`);
    },
  };
  compiled.set(catalog.digest, conditions);
  return conditions;
}

function fail(message: string): never {
  throw new Error(message);
}
