import { isObject, type JsonObject, quoted } from '../foreign.ts';
import { type Read, unreadable } from '../values.ts';

/** Types of conditions that the Job controller itself sets (`batch/v1`, `JobConditionType`). */
const KNOWN = ['Complete', 'Failed', 'Suspended', 'FailureTarget', 'SuccessCriteriaMet'] as const;
type Known = (typeof KNOWN)[number];

export interface JobConditions {
  /** `ended`: Complete or Failed, and nothing else ends a Job. `held`: suspended. `open`: neither, which includes that its end is decided and its pods are still going. */
  phase: 'ended' | 'held' | 'open';
  /** The condition that ends it; only where it has ended. */
  end: JsonObject | null;
  /** Conditions in force that this program does not know. */
  strange: string[];
}

/**
 * What the conditions of a Job say together. FailureTarget and SuccessCriteriaMet announce an end whose pods have not stopped yet, so
 * that the Job is still running; Complete or Failed follows, and only that is told.
 */
export function conditionsOf(status: JsonObject): Read<JobConditions> {
  const list = status['conditions'] ?? [];
  if (!Array.isArray(list)) return unreadable(`status.conditions must be a list, found ${quoted(list)}`);
  const inForce = new Map<string, JsonObject>();
  for (const condition of list) {
    const type = isObject(condition) ? condition['type'] : undefined;
    if (!isObject(condition) || typeof type !== 'string') return unreadable(`a condition must have a type, found ${quoted(condition)}`);
    const state = condition['status'];
    if (state !== 'True' && state !== 'False' && state !== 'Unknown') {
      return unreadable(`the condition ${quoted(type)} must be True, False or Unknown, found ${quoted(state)}`);
    }
    if (state !== 'True') continue;
    if (inForce.has(type)) return unreadable(`the condition ${quoted(type)} stands twice`);
    inForce.set(type, condition);
  }
  if (inForce.has('Complete') && (inForce.has('Failed') || inForce.has('FailureTarget'))) {
    return unreadable('it is Complete and failed at once, which a Job cannot be');
  }
  const end = inForce.get('Complete') ?? inForce.get('Failed') ?? null;
  const strange = [...inForce.keys()].filter((type) => !KNOWN.includes(type as Known));
  return { ok: true, value: { phase: end !== null ? 'ended' : inForce.has('Suspended') ? 'held' : 'open', end, strange } };
}

export const KNOWN_CONDITIONS: string = KNOWN.join(', ');
