import type { JsonObject } from '../foreign.ts';
import { type Read, timeOf } from '../values.ts';

/** `2016-08-12 15:26:29 UTC`, as webhooks write times; some of them, and the REST API, write RFC 3339. */
const RUBY = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/;

/** The first of the fields that is there and not null, to the second: webhooks know no more. Null if there is none. */
export function firstTimeOf(object: JsonObject, fields: readonly string[]): Read<string | null> {
  const field = fields.find((name) => object[name] !== undefined && object[name] !== null);
  if (field === undefined) return { ok: true, value: null };
  const value = object[field];
  const read = timeOf(typeof value === 'string' ? value.replace(RUBY, '$1T$2Z') : value, field);
  return read.ok ? { ok: true, value: read.value.replace(/\.\d{3}Z$/, '.000Z') } : read;
}
