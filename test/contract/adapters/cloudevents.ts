import type { EventDraft } from '../../../src/model/event.ts';

type Json = Record<string, unknown>;

/** Some document of the input says exactly this: same identity, type, subject, and nothing added. */
export function follows(draft: EventDraft, input: unknown): string | null {
  const documents = (Array.isArray(input) ? input : [input]) as (Json | null)[];
  const same = documents.some((document) => {
    if (typeof document !== 'object' || document === null) return false;
    return (
      document['specversion'] === '1.0' &&
      (['id', 'source', 'type', 'subject'] as const).every((name) => document[name] === draft[name]) &&
      (['time', 'severity', 'runid', 'dataschema'] as const).every((name) => (document[name] ?? undefined) === draft[name]) &&
      (document['provenance'] ?? 'asserted') === draft.provenance &&
      Object.entries(draft.extensions ?? {}).every(([name, value]) => document[name] === value) &&
      !('recordedtime' in (draft.extensions ?? {})) &&
      (draft.data !== undefined) === ('data' in document || (document['data_base64'] ?? null) !== null)
    );
  });
  return same ? null : `${draft.type} of ${draft.subject} follows from no event`;
}
