import { API_VERSION } from '../model/artifacts.ts';
import { EVIDENCE_LADDER } from '../model/evidence.ts';

const TYPE_WORDS: Record<string, string> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  null: 'nothing',
};

/** Patterns that are better said in words. */
export const NAMED_SCHEMAS: readonly { pattern: string; words: string }[] = [
  { pattern: '^https?://', words: 'an address that begins with http:// or https://, or {env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}' },
];

const SECRET_REFERENCE = '{env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}';

/** A value as a person would name it, cut short. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value) : String(value);
  return typeof value === 'string' ? text : `the ${typeof value === 'number' ? 'number' : 'truth value'} ${text}`;
}

/** What a schema asks for, in words. */
export function describeSchema(schema: Record<string, unknown>): string {
  const reference = schema['$ref'];
  if (typeof reference === 'string') return describeReference(reference);
  const alternatives = (schema['anyOf'] ?? schema['oneOf']) as Record<string, unknown>[] | undefined;
  if (alternatives) return isSecretReference(alternatives) ? SECRET_REFERENCE : [...new Set(alternatives.map(describeSchema))].join(' or ');
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].join(', ')}`;
  if ('const' in schema) return String(schema['const']);
  const description = typeof schema['description'] === 'string' ? schema['description'].replace(/\.$/, '') : null;
  if (description !== null && 'pattern' in schema) return description;
  const types = [schema['type'] ?? []].flat() as string[];
  const type = types.map((name) => TYPE_WORDS[name] ?? name).join(' or ');
  if (type === '') return description ?? (typeof schema['pattern'] === 'string' ? `a text that matches ${schema['pattern']}` : 'another value');
  return description ? `${type}: ${description}` : type;
}

/** Shared shapes, by their name in `common.schema.json`. */
const SHARED_WORDS: Record<string, string> = {
  apiVersion: API_VERSION,
  metadata: 'a map with a name',
  cron: 'five fields, six with the seconds first, or a nickname such as @daily',
  timezone: 'an IANA name such as Europe/Berlin, or UTC',
  expectedEventType: 'an event type such as run.succeeded',
  severity: 'one of info, warning, error, critical',
  name: 'a name of lower-case letters, digits and dashes',
  duration: 'a positive duration such as 90s, 15m or 1h30m',
  evidenceLevel: `one of ${EVIDENCE_LADDER.slice(1).join(', ')}`,
  ceiling: `one of ${EVIDENCE_LADDER.join(', ')}`,
  posture: 'one of observe, notify, enforce',
  secretRef: SECRET_REFERENCE,
};

function describeReference(reference: string): string {
  return SHARED_WORDS[reference.split('/').at(-1) ?? ''] ?? 'another value';
}

function isSecretReference(alternatives: readonly Record<string, unknown>[]): boolean {
  return alternatives.length === 2 && alternatives.every((one) => /^(?:env|file)$/.test(String((one['required'] as unknown[] | undefined)?.[0])));
}
