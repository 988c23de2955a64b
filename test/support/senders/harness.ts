import type { TestContext } from '../loopback-attempt.ts';

/** A sender's surroundings for one test: settings, and what the receiving end saw. */
export interface Scene {
  config: Record<string, unknown>;
  address?: string;
  /** The idempotency keys that reached the receiver, one for each delivery. */
  delivered(): string[];
  close(): Promise<void>;
}

/** How the contract suite makes one kind of sender meet each fate; null where the kind cannot meet it. */
export interface SenderHarness {
  /** The handoff on disk is the delivery: nothing leaves the process, and another system has the notice from the start. */
  handsOver?: true;
  /** `canary`: a secret, where the kind takes one. */
  succeeds(context: TestContext, canary: string): Promise<Scene>;
  hangs: ((context: TestContext) => Promise<Scene>) | null;
  refuses: ((context: TestContext, canary: string) => Promise<Scene>) | null;
  failsForNow: ((context: TestContext, canary: string) => Promise<Scene>) | null;
  /** The receiver puts the canary wherever an outcome could pick it up, and says yes. */
  echoesSecrets: ((context: TestContext, canary: string) => Promise<Scene>) | null;
}
