import { messageOf } from '../model/errors.ts';
import type { Attempt, Outcome } from '../model/outcome.ts';
import type { PlannedAttempt } from '../model/steps.ts';
import type { Sender } from '../senders/sender.ts';

/** What a sender gets beyond its time limit to stop and say what it knows. */
const STOP_GRACE_MS = 5_000;

export type SenderFor = (attempt: PlannedAttempt) => Promise<Sender>;

export interface AttemptDeps {
  senderFor: SenderFor;
  clock: () => number;
  /** Whether attempts may still begin; without it, always. */
  mayBegin?: () => boolean;
  /** The link by which the reader of this notice can say that they were told; undefined where there is none. */
  acknowledgeUrlFor?: (notice: string) => string | undefined;
  /** Told of what is wrong and keeps no message from going out. */
  onProblem?: (error: unknown) => void;
}

/** `not_begun`: this process was asked to stop first. */
export type MadeOutcome = Outcome | { kind: 'not_begun'; reason: string };

/** Makes one attempt that this process has claimed, under its sender's time limit. Never rejects. */
export async function makeAttempt(attempt: PlannedAttempt, deps: AttemptDeps): Promise<MadeOutcome> {
  if (deps.mayBegin?.() === false) return { kind: 'not_begun', reason: 'nothing was sent: stopped before the attempt began' };
  let sender: Sender;
  let input: Attempt;
  try {
    sender = await deps.senderFor(attempt);
    input = inputFor(attempt, deps);
  } catch (error) {
    return { kind: 'retryable', reason: `the sender could not be started: ${messageOf(error)}` };
  }
  const { timeLimit_ms } = attempt.sender;
  const stop = new AbortController();
  return new Promise((resolve) => {
    let timer = setTimeout(() => {
      stop.abort(new Error(`time limit of ${timeLimit_ms} ms`));
      timer = setTimeout(() => settle({ kind: 'ambiguous', reason: 'the sender did not stop at its time limit' }), STOP_GRACE_MS);
    }, timeLimit_ms);
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const fail = (error: unknown): void => settle({ kind: 'ambiguous', reason: `the sender failed: ${messageOf(error)}` });
    try {
      sender.attempt(input, stop.signal).then(settle, fail);
    } catch (error) {
      fail(error);
    }
  });
}

function inputFor({ notice, number, address }: PlannedAttempt, deps: AttemptDeps): Attempt {
  const { clock } = deps;
  const acknowledgeUrl = linkFor(notice.name, deps);
  const link = acknowledgeUrl === undefined ? {} : { acknowledgeUrl };
  return { notice: notice.document, number, idempotencyKey: notice.name, address, ...link, now_ms: clock() };
}

/** A message without its link is better than none: whoever reads it can still say so with `rgov ack`. */
function linkFor(notice: string, { acknowledgeUrlFor, onProblem }: AttemptDeps): string | undefined {
  try {
    return acknowledgeUrlFor?.(notice);
  } catch (error) {
    onProblem?.(error);
    return undefined;
  }
}
