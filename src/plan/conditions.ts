import type { Event } from '../model/artifacts.ts';
import type { NotifyRule } from '../model/catalog.ts';

/** Compiled expressions of the rules in force, by their source text. Evaluation may throw; that is an answer too. */
export interface Conditions {
  evaluate(expression: string, event: Event): unknown;
}

export type ConditionResult = { value: boolean; error: null } | { value: true; error: string };

/** A condition that cannot be evaluated counts as true: a human who is told once too often can mend the rule, one who is not told cannot. */
export function holds(conditions: Conditions, rule: NotifyRule, event: Event): ConditionResult {
  try {
    const value = conditions.evaluate(rule.when, event);
    if (typeof value === 'boolean') return { value, error: null };
    return { value: true, error: `the condition is ${typeof value}, not true or false` };
  } catch (error) {
    return { value: true, error: firstLine(error) };
  }
}

/** The value of a dedupe key as text. A key that cannot be evaluated falls back to the event itself: nothing is withheld by mistake. */
export function dedupeKey(conditions: Conditions, expression: string, event: Event): string {
  try {
    const value = conditions.evaluate(expression, event);
    return (typeof value === 'string' ? value : JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))).slice(
      0,
      1000,
    );
  } catch {
    return `event ${event.source} ${event.id}`.slice(0, 1000);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 500) ?? '';
}
