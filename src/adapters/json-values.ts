// Read before every tool call of an agent: this file loads next to nothing, and no schema.
import { oneLine, truncate } from '../model/text.ts';

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A foreign value inside a reason: short, on one line, without anything that a terminal would obey. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(truncate(oneLine(value.slice(0, 400)), 80));
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
