import type { Attempt } from '../../../src/model/outcome.ts';
import { Disk } from './disk.ts';
import type { Task } from './inside/program.ts';
import { type Parcel, post } from './post.ts';
import type { Place, Process } from './process.ts';
import { Random } from './random.ts';
import type { Receiver } from './receivers.ts';
import { type Pending, Timeline } from './timeline.ts';

export const STATE = '/sim/state';

/** How likely something happens at one call of the file system, or at one step of the schedule. */
export interface Rates {
  /** Per call: the process dies, the power fails, the call fails, somebody else goes first. */
  crash: number;
  cut: number;
  fault: number;
  switch: number;
  /** Per step: a process is killed while it waits, held back for a while; a clock is set. */
  kill: number;
  stop: number;
  jump: number;
}

export interface WorldOptions {
  log?: ((line: string) => void) | null;
  isHarsh?: boolean;
}

export const CALM: Rates = { crash: 0, cut: 0, fault: 0, switch: 0, kill: 0, stop: 0, jump: 0 };

export interface Counts {
  crashes: number;
  powerCuts: number;
  lostNames: number;
  faults: number;
  switches: number;
  stops: number;
  jumps: number;
  calls: number;
  steps: number;
}

type Disturbance = { fate: 'well' | 'short' | 'dies' | 'dies after it' | 'fails after it' } | { fate: 'fails'; code: string };

/** How a call may fail. */
const FAILURES: Record<string, readonly string[]> = {
  open: ['EIO', 'EMFILE'],
  write: ['EIO', 'ENOSPC', 'ENOSPC'],
  link: ['EIO', 'ENOSPC'],
  mkdir: ['EIO', 'ENOSPC'],
  symlink: ['EIO', 'ENOSPC'],
  rename: ['EIO', 'ENOSPC'],
};
/** Calls that may have taken effect although they say that they failed. */
const MAY_BE_DONE = new Set(['link', 'rename', 'mkdir', 'symlink', 'unlink', 'close']);
/** More processes than this never stand in the middle of a call at once. */
const MOST_NESTED = 3;
const DAY_MS = 86_400_000;

/** One world with its own disk, clocks, processes and receivers; everything that happens in it follows from its seed. */
export class World {
  readonly random: Random;
  readonly disk: Disk;
  readonly timeline = new Timeline();
  readonly receivers = new Map<string, Receiver>();
  readonly processes: Process[] = [];
  readonly offences: string[] = [];
  readonly counts: Counts = { crashes: 0, powerCuts: 0, lostNames: 0, faults: 0, switches: 0, stops: 0, jumps: 0, calls: 0, steps: 0 };
  catalog = '';
  /** The disk keeps names in no order, and processes die and the power fails far more often than in any other schedule. */
  readonly isHarsh: boolean;
  rates: Rates = CALM;
  readonly #places: readonly Place[];
  readonly #log: ((line: string) => void) | null;
  #offsets: Record<string, number> = {};
  #boots: Record<string, string> = {};
  #nested = 0;
  #syncFailures = new Set<Process>();
  /** Pids that are free again. */
  #used: number[] = [];

  constructor(seed: number, places: readonly Place[], start_ms: number, { log = null, isHarsh = false }: WorldOptions = {}) {
    this.random = new Random(seed);
    this.#places = places;
    this.#log = log;
    this.isHarsh = isHarsh;
    for (const machine of ['a', 'b']) {
      this.#offsets[machine] = start_ms;
      this.#boots[machine] = this.#newBoot();
    }
    this.disk = new Disk(
      this.random.chance(0.6) && !isHarsh ? 'journal' : 'alone',
      () => this.wallOf('a'),
      (path) => /^\/sim\/state\/(events|decisions|queue|handoffs|receipts)\/\d|^\/sim\/state\/seals$/.test(path),
      (what, path) => {
        if (what !== 'removed' || !this.#isLeftOut(path)) this.offence(`immutable: ${path} was ${what}`);
      },
    );
    for (const path of ['/sim', STATE]) this.disk.create('folder', path, 0o700);
    this.disk.settle();
  }

  /** What came to a day while its seal was made, and stands in no seal, is taken away again by whoever brought it. */
  #isLeftOut(path: string): boolean {
    const below = path.slice(STATE.length + 1);
    const seal = this.disk.find(`${STATE}/seals/${below.split('/')[1]}.sha256`);
    return seal !== null && !seal.bytes.includes(`  ${below}\n`);
  }

  get isTraced(): boolean {
    return this.#log !== null;
  }

  trace(process: Process | null, line: string): void {
    if (this.#log === null) return;
    const who = process === null ? '-' : `${process.task.kind}#${process.number}`;
    this.#log(`${(this.now_ms / 1000).toFixed(6).padStart(14)} ${who.padEnd(14)} ${line}`);
  }

  /** Something that may never be. */
  offence(what: string): void {
    this.trace(null, `OFFENCE ${what}`);
    this.offences.push(what);
  }

  /** Milliseconds since the beginning, on the clock that only goes forward. */
  get now_ms(): number {
    return this.timeline.now_ms;
  }

  wallOf(machine: string): number {
    return Math.floor(this.now_ms + (this.#offsets[machine] ?? 0));
  }

  /** Of the process that runs at this moment. */
  wall(process: Process | null): number {
    return this.wallOf(process?.machine ?? 'a');
  }

  steady(): bigint {
    return BigInt(Math.round((this.now_ms + 1_000_000) * 1_000_000));
  }

  spend(ms: number): void {
    this.timeline.now_ms += ms;
  }

  // Processes

  /** Starts a process where there is room; null if there is none. */
  start(task: Task, machine = 'a', onEnd: (process: Process) => void = () => {}): Process | null {
    const room = this.#places.find(({ isFree }) => isFree);
    if (!room) return null;
    const isReused = this.#used.length > 0 && this.random.chance(0.2);
    const process: Process = {
      number: this.processes.length + 1,
      task,
      machine,
      pid: isReused ? (this.#used.pop() as number) : 1_000 + this.processes.length,
      started: Math.floor(this.now_ms / 10) * 1_000 + this.processes.length,
      nonce: '',
      state: 'runs',
      calm: 0,
      stoppedUntil_ms: 0,
      calls: 0,
      wasDisturbed: false,
      outcome: null,
      onEnd,
    };
    process.calm = this.#calm();
    this.processes.push(process);
    this.trace(process, `starts on ${machine}: ${JSON.stringify(task)}`);
    room.start(process);
    return process;
  }

  get running(): Process[] {
    return this.processes.filter(({ state }) => state === 'runs');
  }

  ended(process: Process, outcome: NonNullable<Process['outcome']>): void {
    this.trace(process, `ends: ${JSON.stringify(outcome)}`);
    process.state = 'ended';
    process.outcome = outcome;
    this.#gone(process);
    process.onEnd(process);
  }

  die(process: Process, where: string): void {
    this.trace(process, `DIES ${where}`);
    process.state = 'died';
    this.#gone(process);
    this.counts.crashes++;
    process.onEnd(process);
  }

  #gone(process: Process): void {
    this.#used.push(process.pid);
    this.counts.calls += process.calls;
    this.timeline.forget(process);
  }

  /** Everything that runs dies, and with it everything that was not brought to the disk. */
  cutPower(): void {
    this.counts.powerCuts++;
    const victims = this.running;
    for (const process of victims) {
      process.state = 'died';
      this.trace(process, 'DIES with the power');
      this.#gone(process);
    }
    const lost = this.disk.cutPower(this.random);
    this.counts.lostNames += lost;
    for (const machine of Object.keys(this.#boots)) this.#boots[machine] = this.#newBoot();
    this.trace(null, `POWER CUT: ${lost} changes of names are lost`);
    this.spend(this.random.between(1_000, 60_000));
    for (const process of victims) process.onEnd(process);
  }

  kernelFile(asking: Process, path: string): string | null {
    if (path === '/etc/machine-id') return `machine-${asking.machine}`;
    if (path === '/proc/sys/kernel/random/boot_id') return this.#boots[asking.machine] as string;
    if (path === '/proc/self/ns/pid') return `pid:[${asking.machine}]`;
    const [, pid] = /^\/proc\/(\d+|self)\/stat$/.exec(path) ?? [];
    const process = pid === 'self' ? asking : this.running.find((other) => other.machine === asking.machine && other.pid === Number(pid));
    if (!process) return null;
    return `${process.pid} (node) S 1 ${'0 '.repeat(17)}${process.started} 0`;
  }

  // Time and turns

  /** At that time or later, whenever its turn comes; `process` null: whatever becomes of anybody. */
  at(process: Process | null, after_ms: number, label: string, run: () => void): void {
    this.timeline.at(process, after_ms, label, run);
  }

  /** Lets the next thing happen. False if nothing ever will. */
  step(): boolean {
    this.counts.steps++;
    this.#betweenSteps();
    do {
      const ready = this.#ready();
      if (ready.length > 0) {
        this.#run(this.random.pick(ready));
        this.spend(this.random.next() * 2);
        return true;
      }
    } while (this.timeline.wait());
    return false;
  }

  #ready(): Pending[] {
    return this.timeline.ready((process) => !this.#placeOf(process)?.isInside);
  }

  #run(item: Pending): void {
    this.timeline.take(item);
    this.trace(item.process, `-> ${item.label}`);
    if (item.process === null) item.run();
    else this.#placeOf(item.process)?.resume(item.process, item.run);
  }

  #placeOf(process: Process): Place | undefined {
    return this.#places.find((place) => place.process === process);
  }

  // What goes wrong

  #betweenSteps(): void {
    const { kill, stop, jump } = this.rates;
    if (this.random.chance(kill)) {
      const victims = this.running;
      if (victims.length > 0) this.die(this.random.pick(victims), 'while it waits');
    }
    if (this.random.chance(stop)) {
      const victims = this.running;
      if (victims.length > 0) this.#stop(this.random.pick(victims));
    }
    if (this.random.chance(jump)) this.jump(this.random.pick(['a', 'b']));
  }

  #stop(process: Process): void {
    process.stoppedUntil_ms = this.now_ms + this.random.pick([500, 20_000, 120_000]);
    this.counts.stops++;
    this.trace(process, `is held back until ${(process.stoppedUntil_ms / 1000).toFixed(3)}`);
  }

  /** Sets a wall clock. */
  jump(machine: string): void {
    const by_ms =
      this.random.pick([1, -1]) * this.random.pick([this.random.below(3_000), this.random.below(3_600_000), this.random.below(2 * DAY_MS)]);
    this.#offsets[machine] = (this.#offsets[machine] ?? 0) + by_ms;
    this.counts.jumps++;
    this.trace(null, `CLOCK of ${machine} set by ${by_ms} ms`);
  }

  #calm(): number {
    const { crash, cut, fault, switch: turn } = this.rates;
    return this.random.tries(crash + cut + fault + turn);
  }

  /** At a call of the file system that is not let pass. */
  disturb(process: Process, call: string, path: string): Disturbance {
    const { crash, cut, fault, switch: turn } = this.rates;
    if (crash + cut + fault + turn === 0) return { fate: 'well' };
    process.calm = this.#calm();
    const what = this.random.weighted({ crash, cut, fault, turn });
    switch (what) {
      case 'crash':
        if (this.random.chance(0.5)) return { fate: 'dies after it' };
        this.die(process, `before ${call} ${path}`);
        return { fate: 'dies' };
      case 'cut':
        this.cutPower();
        return { fate: 'dies' };
      case 'fault':
        return this.#fail(process, call, path);
      case 'turn':
        this.#letOthersGo();
        return { fate: process.state === 'runs' ? 'well' : 'dies' };
    }
  }

  #fail(process: Process, call: string, path: string): Disturbance {
    process.wasDisturbed = true;
    this.counts.faults++;
    this.trace(process, `FAULT at ${call} ${path}`);
    if (call === 'fsync') {
      this.#syncFailures.add(process);
      return { fate: 'well' };
    }
    if (call === 'write' && this.random.chance(0.4)) return { fate: 'short' };
    if (MAY_BE_DONE.has(call) && this.random.chance(0.4)) return { fate: 'fails after it' };
    return { fate: 'fails', code: this.random.pick(FAILURES[call] ?? ['EIO']) };
  }

  syncFails(process: Process, _path: string): boolean {
    return this.#syncFailures.delete(process);
  }

  /** In the middle of a call of one process, others go on, for as long as they do not wait themselves. */
  #letOthersGo(): void {
    if (this.#nested >= MOST_NESTED) return;
    this.#nested++;
    this.counts.switches++;
    try {
      if (this.random.chance(0.1)) this.spend(this.random.pick([10, 3_000, 40_000]));
      for (let n = this.random.between(1, 8); n > 0; n--) {
        const ready = this.#ready();
        if (ready.length === 0) return;
        this.#run(this.random.pick(ready));
      }
    } finally {
      this.#nested--;
    }
  }

  // What goes out

  send(name: string, text: string, parcel: Omit<Parcel, 'receiver' | 'attempt'>): void {
    if (parcel.process.state !== 'runs') return;
    const attempt = JSON.parse(text) as Attempt;
    const receiver = this.receivers.get(name) as Receiver;
    this.onSend(parcel.process, receiver, attempt);
    post(this, { ...parcel, receiver, attempt });
  }

  /** Told before each message. */
  onSend: (process: Process, receiver: Receiver, attempt: Attempt) => void = () => {};

  #newBoot(): string {
    return `boot-${this.random.hex(4)}`;
  }
}
