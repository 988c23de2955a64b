import { type JsonObject, quoted } from '../foreign.ts';
import { nameOf, type Read, unreadable } from '../values.ts';

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
