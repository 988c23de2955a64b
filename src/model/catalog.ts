import type { Posture } from './artifacts.ts';
import type { Ceiling, EvidenceLevel } from './evidence.ts';

/** Everything that was declared, resolved for one runtime binding: plain data, so that it can be cached as JSON. */
export interface Catalog {
  /** SHA-256 over the declared documents that are in force. */
  digest: string;
  binding: string;
  profile: string;
  posture: Posture;
  /** Folder of the artifacts as the binding says it, relative to the workspace. */
  state: string;
  /** In the order of packs, then of rules. */
  rules: NotifyRule[];
  targets: Record<string, TargetBinding>;
  senders: Record<string, ResolvedSender>;
}

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
}

export interface TargetBinding {
  sender: string;
  address?: string;
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
  /** Checked against the kind's own schema; secrets are references. */
  config: Record<string, unknown>;
}

export interface RetryPolicy {
  attempts: number;
  initial_ms: number;
  factor: number;
  max_ms: number;
}
