import type { Notice } from './artifacts.ts';
import type { EvidenceLevel } from './evidence.ts';

/** What one attempt of a sender came to. */
export type Outcome =
  /** The receiver proved `level`, with its own id (or a digest of its answer) as reference. */
  | { kind: 'proved'; level: EvidenceLevel; reference: string; detail?: string }
  /** Another system has it: never send again. */
  | { kind: 'custody'; who: string; detail?: string }
  /** It did not get through, and that is certain. `retryAfter_ms` where the receiver named a time. */
  | { kind: 'retryable'; reason: string; retryAfter_ms?: number }
  /** It may have gone out: again only with the same key, and only if the receiver ignores a repeated one. */
  | { kind: 'ambiguous'; reason: string }
  /** Refused for good. */
  | { kind: 'rejected'; reason: string };

/** What a sender gets to see of an attempt. */
export interface Attempt {
  notice: Notice;
  /** 1, 2, ... */
  number: number;
  /** The same for every attempt of a notice. */
  idempotencyKey: string;
  /** The target's address from the binding, where it has one. */
  address: string | undefined;
  /** A link by which the reader can say that they were told, where the binding declares one. It is a secret of theirs: never in an outcome. */
  acknowledgeUrl?: string;
  /** When the attempt started, in milliseconds since the epoch. */
  now_ms: number;
}
