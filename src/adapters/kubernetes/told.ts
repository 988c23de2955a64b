import type { EventDraft } from '../../model/event.ts';

/** Who says so, of every event from here. */
export const SOURCE = 'kubernetes/batch';

/** What came of one object: its events, and what of it could not be read. */
export interface Told {
  drafts: EventDraft[];
  reasons: string[];
}
