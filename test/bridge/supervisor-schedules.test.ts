import { expect, it } from 'vitest';
import { Supervisor } from '../../src/apply/supervisor.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Publication } from '../../src/model/publication.ts';
import { settle } from '../../src/plan/settle.ts';
import { claimingStep } from '../support/claiming-step.ts';
import { NOON_MS, resolvedSender } from '../support/world.ts';

const SCHEDULES = 1_000;
const STEPS = 60;

/** Numbers that follow from their seed alone (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A process that makes many passes: looks, plans on what it has seen, publishes and sends, each a while after the other, and others at work beside it. */
class Process {
  readonly offences: string[] = [];
  readonly #random: (below: number) => number;
  readonly #sender;
  /** Claims by their owner, and notices with an outcome: what every look sees. */
  readonly #claims = new Map<string, 'ours' | 'others'>();
  readonly #outcomes = new Set<string>();
  readonly #sending = new Map<string, () => void>();
  readonly #publishing: (() => void)[] = [];
  readonly #supervisor: Supervisor;
  #now_ms = NOON_MS;
  #count = 0;
  /** A disk on which one write in a few fails; nothing of it is done then. */
  #isFailing: boolean;
  readonly #isSound: boolean;

  constructor(seed: number) {
    this.#random = randomOf(seed);
    this.#isFailing = this.#random(3) === 0;
    this.#isSound = !this.#isFailing;
    this.#sender = resolvedSender({ idempotent: this.#random(2) === 0, concurrency: 1 + this.#random(3) });
    this.#supervisor = new Supervisor({
      clock: () => this.#now_ms,
      publisher: {
        publishAll: async (items) => {
          await new Promise<void>((resolve) => this.#publishing.push(resolve));
          if (this.#isFailing && this.#random(4) === 0) throw new Error('no space left');
          return items.map(({ publication }) => this.#publish(publication));
        },
      },
      senderFor: async () => ({ attempt: ({ idempotencyKey }) => this.#send(idempotencyKey) }),
      settle: (attempt, outcome) => settle(attempt, outcome, this.#now_ms),
      recordBeside: () => {},
      admit: () => null,
      onRecorded: () => {},
      isSettled: ({ notice }) => this.#outcomes.has(notice.name),
    });
  }

  async run(): Promise<void> {
    const looks: Promise<void>[] = [];
    let isLooking = false;
    for (let n = 0; n < STEPS; n++) {
      const what = this.#random(8);
      if (what === 0) this.#now_ms += this.#random(8_000);
      else if (what <= 2) this.#publishing.shift()?.();
      else if (what <= 4) this.#answer();
      else if (what === 5 && this.#count < 12) this.#count++;
      else if (what === 6 && this.#count > 0) this.#others();
      else if (!isLooking) {
        isLooking = true;
        looks.push(
          this.#look().finally(() => {
            isLooking = false;
          }),
        );
      }
      for (let turn = this.#random(4); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#end(() => isLooking);
  }

  /** The disk is well again, and everything comes to its end. */
  async #end(isLooking: () => boolean): Promise<void> {
    this.#isFailing = false;
    let isIdle = false;
    for (let n = 0; n < 400 && !isIdle; n++) {
      if (!isLooking() && n % 50 === 0) {
        void this.#supervisor.idle().then(() => {
          isIdle = true;
        });
      }
      this.#publishing.shift()?.();
      this.#answer();
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!isIdle) this.offences.push('never comes to its end');
    for (const [name, owner] of this.#claims) {
      if (owner === 'ours' && !this.#outcomes.has(name)) this.offences.push(`nothing was written down of what came of ${name}`);
    }
  }

  /** One pass: what it does rests on what it saw when it began. */
  async #look(): Promise<void> {
    const seen = Array.from({ length: this.#count }, (_, n) => claimingStep(n, this.#sender)).map((step) => {
      const name = step.attempt.notice.name;
      return { step, name, claim: this.#claims.get(name), isOver: this.#outcomes.has(name) };
    });
    const open = seen.filter(({ name, isOver }) => !isOver && this.#supervisor.lookAgainAt(name) === null);
    await this.#while();
    // As the loader does: a claim that nobody can have in hand is looked at once more before it is given up.
    for (const { name, claim } of open) {
      if (claim === 'ours' && !this.#supervisor.hasInHand(name) && !this.#outcomes.has(name))
        this.offences.push(`${name} is given up while it is sent`);
    }
    const steps = open.filter(({ claim }) => claim === undefined).map(({ step }) => step);
    const answers = steps.map((step) => this.#supervisor.ask(step));
    const now = steps.filter((_, i) => answers[i] === 'now');
    await this.#while();
    for (const step of now) {
      if (this.#publish(step.publication) === 'created') this.#supervisor.begin(step.attempt);
      else this.#supervisor.release(step.attempt);
    }
    for (const [i, step] of steps.entries()) if (answers[i] === 'later') this.#supervisor.hold(step);
  }

  async #while(): Promise<void> {
    for (let turn = this.#random(6); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
  }

  #publish({ kind, file }: Publication): 'created' | 'differs' {
    const notice = file.replace(/\.1\.[a-z_]+\.json$/, '');
    if (kind !== 'claim') this.#outcomes.add(notice);
    else if (this.#claims.has(notice)) return 'differs';
    else this.#claims.set(notice, 'ours');
    const inDoubt = [...this.#claims].filter(([name, owner]) => owner === 'ours' && !this.#outcomes.has(name)).length;
    const { idempotent, concurrency } = this.#sender;
    if (this.#isSound && !idempotent && inDoubt > concurrency)
      this.offences.push(`${inDoubt} attempts would be in doubt if it died now, and ${concurrency} may be`);
    return 'created';
  }

  async #send(notice: string): Promise<Outcome> {
    if (this.#sending.has(notice) || this.#outcomes.has(notice)) this.offences.push(`${notice} is sent twice`);
    await new Promise<void>((resolve) => this.#sending.set(notice, resolve));
    this.#sending.delete(notice);
    return { kind: 'proved', level: 'accepted', reference: 'r' };
  }

  #answer(): void {
    const waiting = [...this.#sending.keys()];
    if (waiting.length > 0) this.#sending.get(waiting[this.#random(waiting.length)] as string)?.();
  }

  /** Another process claims a notice, and settles it at once. */
  #others(): void {
    const { name } = claimingStep(this.#random(this.#count), this.#sender).attempt.notice;
    if (this.#claims.has(name)) return;
    this.#claims.set(name, 'others');
    this.#outcomes.add(name);
  }
}

it(`in ${SCHEDULES} schedules of one process nothing is sent twice, nothing is given up that is being sent, and no more is in doubt than may be`, async () => {
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const process = new Process(seed);
    await process.run();
    expect(process.offences, `seed ${seed}`).toEqual([]);
  }
});
