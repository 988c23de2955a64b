import type { Outcome } from '../../../src/model/outcome.ts';
import type { Random } from './random.ts';

export type Level = Extract<Outcome, { kind: 'proved' }>['level'];

/** How a receiver answers one attempt: by far not always the truth, and not always at all. */
export type Manner =
  /** It has the message and says so. */
  | 'proves'
  /** It has the message and promises to do what it can. */
  | 'takes custody'
  /** It does not have it, and says so. */
  | 'not now'
  | 'refuses'
  /** It has it, and nobody hears of it. */
  | 'has it, answer lost'
  /** It does not have it, and nobody hears of it. */
  | 'lost on the way'
  /** It has it and answers, long after everybody has given up. */
  | 'answers late'
  /** The sender itself breaks. */
  | 'breaks';

export type Manners = Readonly<Record<Manner, number>>;

/** What a receiver was told, or has told. */
export interface Received {
  key: string;
  attempt: number;
  at_ms: number;
  /** By which process. */
  nonce: string;
}

export interface Told {
  key: string;
  attempt: number;
  kind: Outcome['kind'];
  level: Level | null;
}

/** One receiver, with a memory of its own that no fault of the senders can touch. */
export class Receiver {
  readonly name: string;
  readonly isIdempotent: boolean;
  /** What it proves where it answers. */
  readonly level: Level;
  manners: Manners;
  /** Every message that came in, in order; of an idempotent one those that it ignored, too. */
  readonly received: Received[] = [];
  readonly told: Told[] = [];

  constructor(name: string, isIdempotent: boolean, level: Level, manners: Manners) {
    this.name = name;
    this.isIdempotent = isIdempotent;
    this.level = level;
    this.manners = manners;
  }

  /** What becomes of one attempt: when the message arrives (null: never), when which answer comes (null: none). */
  take(random: Random): { manner: Manner; arrives_ms: number | null; answer: { after_ms: number; outcome: Outcome } | null } {
    const manner = random.weighted(this.manners);
    const arrives_ms = random.chance(0.5) ? 0 : random.between(1, 800);
    const after_ms = arrives_ms + (random.chance(0.5) ? 1 : random.between(1, 4_000));
    const proved: Outcome = { kind: 'proved', level: this.level, reference: `${this.name} ${random.below(1_000_000)}` };
    switch (manner) {
      case 'proves':
        return { manner, arrives_ms, answer: { after_ms, outcome: proved } };
      case 'takes custody':
        return { manner, arrives_ms, answer: { after_ms, outcome: { kind: 'custody', who: this.name } } };
      case 'not now': {
        const retryAfter = random.chance(0.3) ? { retryAfter_ms: random.between(1_000, 60_000) } : {};
        return { manner, arrives_ms: null, answer: { after_ms, outcome: { kind: 'retryable', reason: 'not now', ...retryAfter } } };
      }
      case 'refuses':
        return { manner, arrives_ms: null, answer: { after_ms, outcome: { kind: 'rejected', reason: 'no such address' } } };
      case 'has it, answer lost':
        return random.chance(0.5)
          ? { manner, arrives_ms, answer: { after_ms, outcome: { kind: 'ambiguous', reason: 'the connection broke' } } }
          : { manner, arrives_ms, answer: null };
      case 'lost on the way':
        return random.chance(0.5)
          ? { manner, arrives_ms: null, answer: { after_ms, outcome: { kind: 'ambiguous', reason: 'the connection broke' } } }
          : { manner, arrives_ms: null, answer: null };
      case 'answers late':
        return { manner, arrives_ms: random.between(1, 60_000), answer: { after_ms: random.between(9_000, 90_000), outcome: proved } };
      case 'breaks':
        return { manner, arrives_ms: random.chance(0.5) ? arrives_ms : null, answer: null };
    }
  }
}

/** Everybody has the message and says so. */
export const GOOD_MANNERS: Manners = {
  proves: 1,
  'takes custody': 0,
  'not now': 0,
  refuses: 0,
  'has it, answer lost': 0,
  'lost on the way': 0,
  'answers late': 0,
  breaks: 0,
};
