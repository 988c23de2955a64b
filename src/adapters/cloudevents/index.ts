import type { Adapter, Translation } from '../adapter.ts';
import { type Document, documentsIn } from '../documents.ts';
import { readEvent } from './event.ts';

/** CloudEvents 1.0 in JSON, from anything that speaks it: one event, a batch, or one event per line. */
export const adapter: Adapter = {
  name: 'cloudevents',
  summary: 'CloudEvents 1.0 in JSON: one event, a batch (a list), or one event per line',
  translate: (input: Uint8Array): Translation => translateDocuments(documentsIn(input)),
};

/** The same for documents that were told apart before. */
export function translateDocuments(documents: readonly Document[]): Translation {
  const translation: Translation = { events: [], rejected: [] };
  for (const document of documents) {
    const read = document.ok ? readEvent(document.value) : document;
    if (read.ok) translation.events.push(read.draft);
    else translation.rejected.push({ where: document.where, reason: read.reason });
  }
  return translation;
}
