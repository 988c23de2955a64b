import type { Confirmation } from '../model/artifacts.ts';
import type { EventDraft } from '../model/event.ts';

/** Something in the input that is no event, and why; `where` is an index or a line, for the person who must mend it. */
interface Rejection {
  where: string;
  reason: string;
}

/** What became of a handoff, as the input says: a {@link Confirmation} without its envelope. A notice's name stands for its last attempt. */
export type ConfirmationDraft = Required<Pick<Confirmation, 'handoff'>> &
  Pick<Confirmation, 'evidence' | 'reference' | 'failed' | 'by' | 'at' | 'detail'>;

export interface Translation {
  events: EventDraft[];
  rejected: Rejection[];
  /** Only from adapters of systems that report on deliveries. */
  confirmations?: ConfirmationDraft[];
}

/** What is known beside the input. */
interface Circumstances {
  /** The runtime that the input comes from has not answered for a while: what it still calls running is not at work. */
  runtimeIsDown: boolean;
}

/** Foreign bytes to events and confirmations: pure, never throws, never guesses; what it cannot read it rejects with a reason and goes on. */
export interface Adapter {
  name: string;
  /** One line for people: what the input is and where it comes from. */
  summary: string;
  translate(input: Uint8Array, circumstances?: Circumstances): Translation;
}
