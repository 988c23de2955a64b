import type { EventDraft } from '../model/event.ts';

/** Something in the input that is no event, and why; `where` is an index or a line, for the person who must mend it. */
interface Rejection {
  where: string;
  reason: string;
}

export interface Translation {
  events: EventDraft[];
  rejected: Rejection[];
}

/** Foreign bytes to events: pure, never throws, never guesses; what it cannot read it rejects with a reason and goes on. */
export interface Adapter {
  name: string;
  /** One line for people: what the input is and where it comes from. */
  summary: string;
  translate(input: Uint8Array): Translation;
}
