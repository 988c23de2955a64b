import type { Attempt } from '../../../src/model/outcome.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';
import type { Receiver } from './receivers.ts';

/** One message of a process, and who hears what comes of it. */
export interface Parcel {
  process: Process;
  receiver: Receiver;
  attempt: Attempt;
  signal: AbortSignal;
  /** Takes the outcome as JSON. */
  resolve: (outcome: string) => void;
  reject: (error: string) => void;
}

/** The world that messages go through. */
interface Ways {
  readonly random: Random;
  readonly now_ms: number;
  at(process: Process | null, after_ms: number, label: string, run: () => void): void;
  trace(process: Process | null, line: string): void;
}

/** Brings one message on its way: it may arrive although its sender is dead by then, and the answer may not. */
export function post(world: Ways, { process, receiver, attempt, signal, resolve, reject }: Parcel): void {
  const { idempotencyKey: key, number } = attempt;
  const { name } = receiver;
  const { manner, arrives_ms, answer } = receiver.take(world.random);
  world.trace(process, `SENDS ${key}.${number} through ${name}: ${manner}`);
  let isOnItsWay = arrives_ms !== null;
  const arrive = (): void => {
    if (isOnItsWay) receiver.received.push({ key, attempt: number, at_ms: world.now_ms, nonce: process.nonce });
    isOnItsWay = false;
  };
  if (arrives_ms !== null) world.at(null, arrives_ms, `${name} gets ${key}.${number}`, arrive);
  if (manner === 'breaks') {
    world.at(process, 0, `${name} breaks`, () => reject('the sender broke'));
    return;
  }
  if (answer !== null) {
    const { outcome, after_ms } = answer;
    world.at(process, after_ms, `${name} answers ${key}.${number}: ${outcome.kind}`, () => {
      arrive();
      receiver.told.push({ key, attempt: number, kind: outcome.kind, level: outcome.kind === 'proved' ? outcome.level : null });
      resolve(JSON.stringify(outcome));
    });
  }
  // Some senders stop when they are told to, others do not hear.
  if (world.random.chance(0.7)) {
    signal.addEventListener('abort', () => resolve(JSON.stringify({ kind: 'ambiguous', reason: 'stopped at the time limit' })));
  }
}
