import { type JsonObject, quoted } from '../foreign.ts';
import { nameOf, type Read, timeOf, unreadable } from '../values.ts';

// What pipelines and jobs have in common, each in several spellings.

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

const REF_MAX = 300;

export interface Ref {
  name: string;
  /** As a part of a subject: a tag is never taken for the branch of its name. */
  part: string;
}

/** The branch or tag that something ran for. Git allows no colon in the name of either, so that no branch can pass for a tag. */
export function refOf(object: JsonObject, tag: unknown): Read<Ref> {
  const ref = nameOf(object['ref'], REF_MAX, 'ref');
  if (!ref.ok) return ref;
  if (ref.value.includes(':')) return unreadable(`ref must be the name of a branch or a tag, found ${quoted(ref.value)}`);
  return { ok: true, value: { name: ref.value, part: tag === true ? `tag:${ref.value}` : ref.value } };
}
