import { drop, eventually, failedEvent, sleep } from '../support/watching.ts';
import { Checker, type Violation } from './checker.ts';
import { type SlowReceiver, slowReceiver } from './receiver.ts';
import { Running } from './running.ts';
import { BridgeWorkspace, webhookTo } from './workspace.ts';

export interface DrainOptions {
  /** Path of `rgov.cjs`. */
  program: string;
  kills: number;
  /** Notices that come in before each kill. */
  notices_a_kill: number;
  idempotent: boolean;
  concurrency: number;
  /** Who dies: bridges, of which two run at any time, or the watch that sends by itself. */
  victim: 'bridges' | 'watch';
  /** Looks at what is there every so many kills, and ends at the first violation. */
  checkEvery?: number;
}

export interface Drained {
  violations: Violation[];
  /** Attempts of which a kill left behind no outcome. */
  indeterminate: number;
  kills: number;
  requests: number;
  /** For whoever wants to see it again. */
  seed: number;
}

/** How long a receiver takes for one request. */
const [LEAST_PAUSE_MS, MOST_PAUSE_MS] = [5, 60];
/** How long after a drop a kill comes: between taking it in and answering the last of its requests. */
const MOST_DELAY_MS = 300;
/** One victim in so many is still starting, or both die together. */
const ONE_IN = 8;
/** More notices than this are not left waiting before the next kill. */
const BACKLOG = 25;
const DRAIN_PATIENCE_MS = 120_000;

/** Kills processes at random moments while they get notices out, lets the rest drain, and tells what is wrong then. */
export async function killAndDrain(options: DrainOptions): Promise<Drained> {
  const seed = Number(process.env['RGOV_TEST_SEED'] ?? Date.now() % 1_000_000);
  const random = randomFrom(seed);
  const receiver = await slowReceiver(() => between(LEAST_PAUSE_MS, MOST_PAUSE_MS, random));
  const stage = new Stage(options, receiver, random);
  try {
    return { ...(await stage.play()), seed };
  } finally {
    await stage.clear();
    receiver.close();
  }
}

class Stage {
  readonly #options: DrainOptions;
  readonly #receiver: SlowReceiver;
  readonly #random: () => number;
  readonly #workspace = new BridgeWorkspace();
  readonly #checker = new Checker(this.#workspace.state);
  readonly #victims: Running[] = [];
  #governance: Running | undefined;
  #dropped = 0;

  constructor(options: DrainOptions, receiver: SlowReceiver, random: () => number) {
    this.#options = options;
    this.#receiver = receiver;
    this.#random = random;
  }

  async play(): Promise<Omit<Drained, 'seed'>> {
    const { kills, notices_a_kill, idempotent, concurrency, victim, checkEvery } = this.#options;
    const { log, origin } = this.#receiver;
    const retry = { attempts: 100, initial: '100ms', factor: 1 };
    const bridge = victim === 'bridges' ? 'process' : 'inline';
    this.#workspace.bind({ hook: { ...webhookTo(origin), idempotent, concurrency, retry, bridge } });
    if (victim === 'bridges') this.#governance = await this.#start(['watch']).up();
    this.#victims.push(...Array.from({ length: victim === 'bridges' ? 2 : 1 }, () => this.#startVictim()));
    await Promise.all(this.#victims.map((one) => one.up()));
    let done = 0;
    let violations: Violation[] = [];
    while (done < kills && violations.length === 0) {
      // On a slow machine kills come faster than work is done: those who die must get something out now and then.
      await eventually('work that gets done', () => this.#dropped - this.#checker.settled() < BACKLOG, DRAIN_PATIENCE_MS).catch(() => {});
      await this.#dropAndWait(notices_a_kill);
      done += await this.#kill(kills - done);
      this.#checker.seeClaims();
      if (checkEvery !== undefined && done % checkEvery === 0) violations = this.#checker.check(log, { idempotent, notices: null });
    }
    if (violations.length === 0) {
      // Where two died together, what was meant for one of them is still to come.
      this.#dropSome(kills * notices_a_kill - this.#dropped);
      await this.#drained().catch(() => {});
      violations = this.#checker.check(log, { idempotent, notices: this.#dropped });
    }
    return { violations, indeterminate: this.#checker.indeterminate(), kills: done, requests: log.length };
  }

  async clear(): Promise<void> {
    await Promise.all([...this.#victims, ...(this.#governance ? [this.#governance] : [])].map((one) => one.stop('SIGKILL')));
    this.#workspace.remove();
  }

  #dropSome(count: number): void {
    for (let i = 0; i < count; i++) drop(this.#workspace.root, `${this.#dropped}.json`, failedEvent(String(this.#dropped++)));
  }

  /** Most kills hit while this drop's requests come in, the others at any step before and after. */
  async #dropAndWait(count: number): Promise<void> {
    const { log } = this.#receiver;
    const before = log.length;
    this.#dropSome(count);
    if (this.#random() < 0.3) await sleep(this.#between(0, MOST_DELAY_MS));
    else {
      await eventually('a request', () => log.length > before, 5_000).catch(() => {});
      await sleep(this.#between(0, MOST_PAUSE_MS));
    }
  }

  /** Kills one of them, seldom both, and puts others in their place. Returns how many died. */
  async #kill(most: number): Promise<number> {
    const inTime = this.#random() * ONE_IN >= 1;
    const both = most > 1 && this.#victims.length > 1 && this.#random() * ONE_IN < 1;
    const up = (): Running[] => this.#victims.filter(({ isUp, isOver }) => isUp && !isOver);
    if (inTime) await eventually('a victim that is up', () => up().length > 0);
    const choice = inTime ? up() : this.#victims;
    const chosen = both ? [...this.#victims] : [choice[this.#between(0, choice.length - 1)] as Running];
    for (const one of chosen) {
      if (one.isOver) throw new Error(`it ended by itself: ${one.stderr}`);
      one.child.kill('SIGKILL');
      this.#victims.splice(this.#victims.indexOf(one), 1, this.#startVictim());
    }
    await Promise.all(chosen.map(({ ended }) => ended));
    return chosen.length;
  }

  /** Resolves when nothing is left to do, or nothing has happened for long. */
  async #drained(): Promise<void> {
    await eventually('receipts of all', () => this.#checker.settled() >= this.#dropped, DRAIN_PATIENCE_MS);
    this.#checker.seeClaims();
  }

  #startVictim(): Running {
    return this.#options.victim === 'watch' ? this.#start(['watch']) : this.#start(['bridge', '--sender', 'hook', '--watch']);
  }

  #start(args: readonly string[]): Running {
    return new Running([process.execPath, this.#options.program, ...args, '-C', this.#workspace.root, '--json']);
  }

  #between(least: number, most: number): number {
    return between(least, most, this.#random);
  }
}

const between = (least: number, most: number, random: () => number): number => least + Math.floor(random() * (most - least + 1));

/** The same numbers from 0 to below 1 for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
