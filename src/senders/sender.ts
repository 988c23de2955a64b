import type { ValidateFunction } from 'ajv';
import type { ConfigProblem } from '../model/config-problem.ts';
import type { Ceiling } from '../model/evidence.ts';
import type { Attempt, Outcome } from '../model/outcome.ts';
import type { ResolveSecret } from '../model/secret.ts';
import type { Network } from './http-client/connections.ts';

/** One way out. One call is one attempt with one outcome: it never loops, never sleeps, never decides about retries. */
export interface Sender {
  /**
   * Tries once. When `signal` fires, the sender stops at once and says honestly what it knows: `retryable` if nothing
   * can have gone out, else `ambiguous`. Throws only for faults of the program itself; the bridge counts a throw as `ambiguous`.
   */
  attempt(attempt: Attempt, signal: AbortSignal): Promise<Outcome>;
  /** Lets go of connections that are kept open between attempts. */
  close?(): void;
}

/** What a sender may ask of its surroundings. */
export interface SenderContext {
  /** Absolute; relative paths in a binding start here. */
  workspace: string;
  resolveSecret: ResolveSecret;
  /** The environment of this process; a program that is started gets no more of it than it needs. */
  env: Readonly<Record<string, string | undefined>>;
  /** Durably creates one file if it is absent (parents included); `exists` if it was there. Never overwrites. */
  createFile(path: string, text: string): 'created' | 'exists';
  /** How names become addresses and addresses become connections, where that is not up to the system. */
  network?: Network;
}

export type CreateSender = (config: Record<string, unknown>, context: SenderContext) => Sender;

/** What is to be looked at: one sender with the address of one target. */
interface Probing {
  config: Record<string, unknown>;
  context: SenderContext;
  /** The target's, where it has one. */
  address: string | undefined;
  /** Whoever has not found out by then has failed. */
  signal: AbortSignal;
}

/** What a probe found out. No secrets in it, and no more than was seen: that something answers does not mean that it takes a message. */
export type Probed =
  /** `saw` completes "it was seen that ...". */
  { reached: true; saw: string } | { reached: false; problem: string; mend: string };

/** Whether a way out can be reached, without sending anything to anybody. Never throws but for a fault of the program itself. */
export type Probe = (probing: Probing) => Promise<Probed>;

/** What is known of a kind without loading its code. */
export interface SenderMeta {
  kind: string;
  /** One line for people. */
  summary: string;
  /** No binding of this kind may claim more. */
  maxCeiling: Ceiling;
  /** False: nothing can make a receiver of this kind ignore a repeated key, so no binding may claim it. */
  canBeIdempotent: boolean;
  defaultTimeLimit_ms: number;
  defaultConcurrency: number;
  /** Why there is nothing that a probe could reach, where a kind has no `probe.ts`. */
  notProbed?: string;
}

export interface SenderKind extends SenderMeta {
  load(): Promise<CreateSender>;
  /** Ahead-of-time validator of the kind's settings (`with:`), from its `config.schema.json`. */
  configValidator(): Promise<ValidateFunction>;
  /** What no schema can check, where a kind has such things; asked only of settings that the schema has nothing against. */
  configProblems?(config: Record<string, unknown>, complete: boolean): Promise<ConfigProblem[]>;
  /** Whether it can be reached, without sending anything, from its `probe.ts`. */
  probe?: Probe;
}
