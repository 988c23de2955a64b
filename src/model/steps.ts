import type { Link, Notice, Owner, Reopening, Stored } from './artifacts.ts';
import type { ResolvedSender } from './catalog.ts';
import type { Publication } from './publication.ts';
import type { BadFile } from './snapshot.ts';

/** An attempt that may be made as soon as its handoff is durable, by the process that created it. */
export interface PlannedAttempt {
  notice: Stored<Notice>;
  number: number;
  /** The number of the attempt on this way: through this target's sender, since a human opened the notice again. */
  tries: number;
  /** The target whose binding is used: the notice's own, or a fallback of it. */
  target: string;
  /** The targets that are left when this way is given up. */
  fallbacks: readonly string[];
  /** What stood before a human opened the notice again: the outcome is the next revision. */
  reopened: Stored<Reopening> | null;
  sender: ResolvedSender;
  address: string | undefined;
  handoff: Link;
}

/**
 * The next thing to do. Steps of one `chain` (an event's or a notice's name) cause each other in their order:
 * if one of them turns out to be recorded already with other content, the rest of its chain is left to the next pass.
 */
export type Step =
  | { kind: 'quarantine'; chain: string; file: BadFile }
  | { kind: 'record'; chain: string; publication: Publication<'event'> }
  | { kind: 'decide'; chain: string; publication: Publication<'decision'>; event: string }
  | { kind: 'enqueue'; chain: string; publication: Publication<'notice'> }
  /** `attempt` is null where a bridge of its own will claim it. */
  | { kind: 'dispatch'; chain: string; publication: Publication<'handoff'>; attempt: PlannedAttempt | null }
  | { kind: 'claim'; chain: string; publication: Publication<'claim'>; attempt: PlannedAttempt }
  | { kind: 'defer'; chain: string; publication: Publication<'deferral'> }
  | { kind: 'settle'; chain: string; publication: Publication<'receipt'> };

export type PublishingStep = Exclude<Step, { kind: 'quarantine' }>;

/** A notice that nothing can be done for now. */
export interface Waiting {
  notice: string;
  because:
    | 'retry_later'
    | 'attempt_in_flight'
    | 'posture_observe'
    | 'proof_awaited'
    | 'bridge_awaited'
    | 'rate_limited'
    | 'circuit_open'
    | 'receiver_asked'
    | 'sender_busy';
  until_ms: number | null;
}

export interface Plan {
  steps: Step[];
  waiting: Waiting[];
  /** When the next step will be due if nothing more is heard; null if none will. */
  nextDue_ms: number | null;
}

/** Who plans, and when: the only things that a plan takes from outside the disk and the documents. */
export interface Actor {
  now_ms: number;
  owner: Owner;
}
