import type { ErrorObject, ValidateFunction } from 'ajv';
import { pathOf, valueAt } from './document.ts';
import type { ParsedDocument } from './parse-yaml.ts';

/** Each round may bring to light what another fault has hidden. */
const MAX_ROUNDS = 5;

/**
 * A document without the keys and values that its schema refuses, or null if it cannot do without them. What is left
 * stands where it stood, so that further problems in it are shown in their place. Nothing is ever done with such a
 * document but to look for further problems.
 */
export function withoutFaults(validate: ValidateFunction, parsed: ParsedDocument): ParsedDocument | null {
  const value = structuredClone(parsed.value);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (validate(value)) return { ...parsed, value };
    if (!(validate.errors ?? []).every((error) => removed(value, error))) return null;
  }
  return null;
}

/** Takes the key or the value out that an error is about. Entries of lists stay: the places of those behind them would move. */
function removed(value: unknown, { instancePath, keyword, params }: ErrorObject): boolean {
  const surplus = keyword === 'additionalProperties' ? [String(params['additionalProperty'])] : [];
  const path = [...pathOf(instancePath), ...surplus];
  const key = path.pop();
  const parent = valueAt(value, path);
  if (key === undefined || keyword === 'required' || typeof parent !== 'object' || parent === null || Array.isArray(parent)) return false;
  delete (parent as Record<string, unknown>)[key];
  return true;
}
