import type { Receipt } from './artifacts.ts';

export type EvidenceLevel = Receipt['requires'];
export type Ceiling = Receipt['ceiling'];

/** The ladder, weakest first. `none` proves nothing; a human's word stands above every machine's. */
export const EVIDENCE_LADDER = ['none', 'accepted', 'relayed', 'delivered', 'seen', 'acknowledged'] as const;

const rank = (level: Ceiling): number => EVIDENCE_LADDER.indexOf(level);

/** True if `level` proves at least as much as `required`. */
export function reaches(level: Ceiling, required: Ceiling): boolean {
  return rank(level) >= rank(required);
}

export function highest(levels: readonly Ceiling[]): Ceiling {
  return levels.reduce<Ceiling>((best, level) => (rank(level) > rank(best) ? level : best), 'none');
}

/** The most that any machine can prove: only a named human acknowledges. */
export const MOST_OF_MACHINES: EvidenceLevel = 'seen';

export function lower<T extends Ceiling>(a: T, b: T): T {
  return rank(a) <= rank(b) ? a : b;
}

/** What a level means, in words for `status` and `explain`. */
export const EVIDENCE_WORDS: Record<Ceiling, string> = {
  none: 'nothing is proved',
  accepted: 'the next system took it and said so',
  relayed: 'it was passed on beyond the point where proof is possible',
  delivered: "it lies in the recipient's mailbox or chat",
  seen: 'a read receipt came back',
  acknowledged: 'a named human said so',
};
