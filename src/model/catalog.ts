import type { ActivationSettings, Posture, Severity } from './artifacts.ts';
import type { Ceiling, EvidenceLevel } from './evidence.ts';
import type { SecretRef } from './secret.ts';

/** Everything that was declared, resolved for one runtime binding: plain data, so that it can be cached as JSON. */
export interface Catalog {
  /** SHA-256 over the declared documents that are in force. */
  digest: string;
  binding: string;
  profile: string;
  posture: Posture;
  /** The proof that the profile asks for where nothing else is said. */
  requires: EvidenceLevel;
  /** Folder of the artifacts as the binding says it, relative to the workspace. */
  state: string;
  /** In the order of packs, then of rules. */
  rules: NotifyRule[];
  /** What is held back, in the order of packs, then of gates. */
  gates: Gate[];
  targets: Record<string, TargetBinding>;
  senders: Record<string, ResolvedSender>;
  /** Who must be heard of, in the order of packs, then those of the binding. */
  expectations: Expectation[];
  /** How often a pass is meant to run; null where nobody says. */
  schedule: PassSchedule | null;
  /** After how long without a complete pass the watchdog says that it was away; null: never. */
  gapAfter_ms: number | null;
  /** Who watches the watchdog. */
  heartbeat: Heartbeat | null;
  /** What is listened to, in the order of the binding. */
  sources: ResolvedSource[];
  /** A link in every message by which its reader can say that they were told. */
  acknowledge: { url: string; secret: SecretRef } | null;
  /** When a day is sealed; null: never. */
  seal: Sealing | null;
  /** What only the deployment knows of how it runs by itself. */
  activation: ActivationSettings;
}

/** In milliseconds, or by the clock of some place: five or six fields or a nickname, and an IANA name. */
export type PassSchedule = { kind: 'every'; every_ms: number } | { kind: 'cron'; cron: string; timezone: string };

interface Sealing {
  /** How long a UTC day has been over by then. */
  after_ms: number;
  /** An SSH key that seals are signed with, and who is believed; relative to the workspace unless absolute. */
  keyFile: string | null;
  allowedSignersFile: string | null;
}

/** "This subject must be heard of by then"; breaking it makes the watchdog write an event. */
export interface Expectation {
  /** The pack's name, or `binding/<name>`. */
  declaredBy: string;
  id: string;
  /** Why it exists; empty if the pack does not say. */
  reason: string;
  /** An exact name, or a glob: `*` stays within one part between slashes, `**` does not. */
  subject: string;
  severity: Severity;
  /** Null where only the output is looked at (`produces`). */
  due: ScheduleDue | EveryDue | AfterDue | null;
  /** Event types that count as heard; empty: every outcome of a run. */
  expect: string[];
  produces: Output | null;
  remind: { every_ms: number; atMost: number } | null;
  /** SHA-256 over everything above that decides when it is broken: an expectation that was edited starts anew. */
  digest: string;
}

/** By the clock: a word counts for a time if it is heard from `early_ms` before it until `grace_ms` after it. */
interface ScheduleDue {
  kind: 'schedule';
  /** Five or six fields, or a nickname such as `@daily`. */
  cron: string;
  /** IANA name. */
  timezone: string;
  grace_ms: number;
  early_ms: number;
}

/** Again and again, counted from the last word. */
interface EveryDue {
  kind: 'every';
  every_ms: number;
  grace_ms: number;
}

/** For each run by itself: an event of this type, and then one that is expected. */
interface AfterDue {
  kind: 'after';
  after: string;
  within_ms: number;
}

/** What must be there when the subject says that it succeeded. */
export interface Output {
  /** Glob, relative to the workspace unless it is absolute. */
  path: string;
  /** `start`: newer than the start of the run; a number: changed at most so many milliseconds before the report; null: of any age. */
  newerThan: 'start' | number | null;
  minBytes: number;
  /** How long after the report the output may still appear. */
  grace_ms: number;
}

export interface Heartbeat {
  kind: 'url' | 'file';
  /** A URL (as a secret reference, or plain), or a path relative to the workspace. */
  to: string | SecretRef;
  /** No more often than this. */
  every_ms: number;
}

/** Somebody who is asked, again and again, what there is to report. */
export interface ResolvedSource {
  name: string;
  adapter: string;
  from: SourceOrigin;
  /** Answers with 2xx while the runtime lives; null where nobody asks. */
  livenessUrl: string | null;
  /** Beyond the Internet. */
  allowHosts: string[];
  every_ms: number;
  timeLimit_ms: number;
  failAfter: number;
  severity: Severity;
}

type SourceOrigin =
  | { kind: 'command'; argv: string[] }
  | { kind: 'url'; url: string | SecretRef; headers: Record<string, string | SecretRef> }
  /** Relative to the workspace unless absolute. */
  | { kind: 'folder'; path: string };

export interface NotifyRule {
  pack: string;
  id: string;
  /** Why the rule exists; empty if the pack does not say. */
  reason: string;
  /** CEL. */
  when: string;
  target: string;
  /** Null: no deadline. */
  within_ms: number | null;
  requires: EvidenceLevel;
  dedupe: { key: string; window: string; window_ms: number } | null;
  /** Who is told next while nobody has proved that the target was told; counted like `within`, in order of time. */
  escalate: { after_ms: number; target: string }[];
}

/** Held closed by every notice that counts and is not proved. */
export interface Gate {
  pack: string;
  id: string;
  /** Why it exists; empty if the pack does not say. */
  reason: string;
  /** CEL over what is about to be done. */
  action: string;
  /** CEL over a notice; `true` where all count. */
  notices: string;
  evidence: EvidenceLevel;
  within_ms: number;
}

export interface TargetBinding {
  sender: string;
  address?: string;
  /** Targets that are tried in turn when this way is given up. */
  fallback?: string[];
}

export interface ResolvedSender {
  name: string;
  /** The built-in sender, a folder of `src/senders/`. */
  kind: string;
  ceiling: Ceiling;
  idempotent: boolean;
  timeLimit_ms: number;
  concurrency: number;
  retry: RetryPolicy;
  /** At most so many attempts in so long; null: no limit. */
  rate: { count: number; per_ms: number } | null;
  /** After so many failures in a row, of different notices, nothing is sent for so long. */
  breaker: { failures: number; pause_ms: number };
  /** Who sends: the pass that is made anyway, or only a process of its own. */
  bridge: 'inline' | 'process';
  /** Checked against the kind's own schema; secrets are references. */
  config: Record<string, unknown>;
}

export interface RetryPolicy {
  attempts: number;
  initial_ms: number;
  factor: number;
  max_ms: number;
}
