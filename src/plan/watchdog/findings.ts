import type { Expectation } from '../../model/catalog.ts';
import type { WordRef } from '../../model/words.ts';

/** A subject, or one run of it, that owes words. */
export interface Owed {
  expectation: Expectation;
  /** Empty for a pattern that nobody has answered to. */
  subject: string;
  run: string | null;
  /** The last word before the silence; null if nothing was ever heard. */
  last: WordRef | null;
}

/** What the watchdog has found; each becomes one event, whose identity follows from what it says here and nothing else. */
export type Finding =
  | { kind: 'in_force'; expectation: Expectation; at_ms: number }
  /** `superseded`: there was more to say of this silence by the time that it was found. */
  | (Owed & { kind: 'overdue'; due_ms: number; at_ms: number; reminder: number; superseded: boolean })
  | (Owed & { kind: 'recovered'; word: WordRef })
  | (Judged & { kind: 'proven' | 'unproven' });

interface Judged {
  expectation: Expectation;
  subject: string;
  run: string | null;
  /** The word that says "succeeded". */
  word: WordRef;
  at_ms: number;
  /** In words: what was found, or what is wrong with it. */
  detail: string;
}
