import { messageOf } from '../model/errors.ts';
import type { Outcome } from '../model/outcome.ts';
import type { PlannedAttempt } from '../model/steps.ts';
import type { Sender } from '../senders/sender.ts';

/** What a sender gets beyond its time limit to stop and say what it knows. */
const STOP_GRACE_MS = 5_000;

export interface AttemptResult {
  attempt: PlannedAttempt;
  outcome: Outcome;
}

export type SenderFor = (attempt: PlannedAttempt) => Promise<Sender>;

/**
 * Makes attempts that this process has claimed, each once, as many at a time as its sender's binding allows. A slow
 * sender holds up nobody else's attempts.
 */
export async function makeAttempts(attempts: readonly PlannedAttempt[], senderFor: SenderFor, clock: () => number): Promise<AttemptResult[]> {
  const bySender = new Map<string, PlannedAttempt[]>();
  for (const attempt of attempts) {
    const same = bySender.get(attempt.sender.name);
    if (same) same.push(attempt);
    else bySender.set(attempt.sender.name, [attempt]);
  }
  const results = await Promise.all([...bySender.values()].map((group) => makeGroup(group, senderFor, clock)));
  return results.flat();
}

async function makeGroup(group: readonly PlannedAttempt[], senderFor: SenderFor, clock: () => number): Promise<AttemptResult[]> {
  const results: AttemptResult[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < group.length; i = next++) {
      const attempt = group[i] as PlannedAttempt;
      results.push({ attempt, outcome: await makeOne(attempt, senderFor, clock) });
    }
  };
  const width = Math.min(group.length, group[0]?.sender.concurrency ?? 1);
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

async function makeOne(attempt: PlannedAttempt, senderFor: SenderFor, clock: () => number): Promise<Outcome> {
  let sender: Sender;
  try {
    sender = await senderFor(attempt);
  } catch (error) {
    return { kind: 'retryable', reason: `the sender could not be started: ${messageOf(error)}` };
  }
  const { notice, number, address, sender: binding } = attempt;
  const stop = new AbortController();
  return new Promise((resolve) => {
    let timer = setTimeout(() => {
      stop.abort(new Error(`time limit of ${binding.timeLimit_ms} ms`));
      timer = setTimeout(() => settle({ kind: 'ambiguous', reason: 'the sender did not stop at its time limit' }), STOP_GRACE_MS);
    }, binding.timeLimit_ms);
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const fail = (error: unknown): void => settle({ kind: 'ambiguous', reason: `the sender failed: ${messageOf(error)}` });
    try {
      sender.attempt({ notice: notice.document, number, idempotencyKey: notice.name, address, now_ms: clock() }, stop.signal).then(settle, fail);
    } catch (error) {
      fail(error);
    }
  });
}
