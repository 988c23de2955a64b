import type { Evidence, Receipt } from '../model/artifacts.ts';
import { type EvidenceLevel, highest, reaches } from '../model/evidence.ts';

/** What a receipt proves, and what it does not. */
export interface Proof {
  proved: Evidence[];
  /** What nobody has proved, in words that follow "not proved:"; in the order of the ladder. */
  notProved: string[];
}

const MISSING: readonly { level: EvidenceLevel; words: string }[] = [
  { level: 'accepted', words: 'that the next system took it' },
  { level: 'delivered', words: "that it lies in the recipient's mailbox or chat" },
  { level: 'seen', words: 'that anybody saw it' },
  { level: 'acknowledged', words: 'that a named human was told' },
];

/** Nobody but the human can say that they were told: it is missing only where it is asked for, or where all else is there. */
export function proofOf(receipt: Receipt | null, requires: EvidenceLevel): Proof {
  const proved = receipt?.evidence ?? [];
  const best = highest(proved.map(({ level }) => level));
  const missing = MISSING.filter(({ level }) => !reaches(best, level));
  const shown = missing.filter(({ level }) => level !== 'acknowledged' || requires === 'acknowledged' || missing.length === 1);
  return { proved, notProved: shown.map(({ words }) => words) };
}
