import type { Claim, Decision, Deferral, Event, Handoff, Notice, QuarantineReason, Receipt, Reopening, Stored } from './artifacts.ts';
import type { Publication } from './publication.ts';

/** Whether the process that claimed an attempt can still be at work. `unknown`: it ran where this machine cannot look. */
export type Liveness = 'alive' | 'dead' | 'unknown';

/** A file that no artifact can be read from. */
export interface BadFile {
  /** Below `state/`. */
  path: string;
  reason: QuarantineReason;
  detail: string;
}

/** The last attempt of an open notice. */
export interface LastAttempt {
  number: number;
  /** Null if the file is there but cannot be read: then nobody knows whether it was sent. */
  handoff: Stored<Handoff> | null;
  /** Of a bridge that is a process of its own. */
  claim: Stored<Claim> | null;
  deferral: Stored<Deferral> | null;
  /** `unclaimed`: nobody has taken it yet. */
  owner: Liveness | 'unclaimed';
}

/** A notice without a receipt, or one that a human opened again. */
export interface OpenNotice {
  notice: Stored<Notice>;
  reopened: Stored<Reopening> | null;
  last: LastAttempt | null;
}

/** A decision of which some notices are not on disk. */
export interface HalfDecided {
  event: Stored<Event>;
  decision: Stored<Decision>;
  missing: string[];
  /** Those of them that have a receipt all the same: they are made again, and nothing is sent. */
  settled: string[];
}

/** A notice that was raised before: what deduplication looks back on. */
export interface RaisedNotice {
  name: string;
  pack: string;
  rule: string;
  key: string;
  time_ms: number;
}

export interface UndecidedEvent extends Stored<Event> {
  /** The name of an earlier event with the same source and id, if there is one. */
  duplicateOf: string | null;
  /** Where the event is not on disk yet: it is written behind the same barrier as what follows from it. */
  unrecorded?: Publication<'event'>;
}

/** A notice without the proof that it requires. */
export interface UnprovedNotice {
  notice: Stored<Notice>;
  /** Null: there is no outcome yet. */
  receipt: Stored<Receipt> | null;
  /** How many notices about notices stand behind it. */
  depth: number;
  /** What the first of those notices says. */
  original: { title: string; text: string };
  /** Names of events about it that are on disk already, or need not be raised any more. */
  said: ReadonlySet<string>;
}

/** Everything on disk that is not settled, and what the plan needs to know of the rest. */
export interface Snapshot {
  undecided: UndecidedEvent[];
  halfDecided: HalfDecided[];
  open: OpenNotice[];
  unproved: UnprovedNotice[];
  raised: RaisedNotice[];
  bad: BadFile[];
}
