import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto';
import path from 'node:path';
import util from 'node:util';
import type { Script } from 'node:vm';
import { type Caller, type Fate, FileCalls } from './calls.ts';
import type { Disk } from './disk.ts';
import type { Place, Process } from './process.ts';
import { Slot } from './slot.ts';
import type { World } from './world.ts';

/** What one call of the file system takes, in milliseconds. */
const CALL_MS = 0.02;

/** Where a process runs, and what it gets to see of the world: its own disk calls, clock, process table and network. */
export class Machine implements Caller, Place {
  readonly slot: Slot;
  readonly #calls: FileCalls;
  readonly #world: () => World;
  process: Process | null = null;

  constructor(script: Script, world: () => World, isTraced: boolean) {
    this.#world = world;
    this.#calls = new FileCalls(this);
    const modules: Record<string, unknown> = {
      fs: this.#calls.module,
      path,
      util,
      crypto: {
        createHash,
        createHmac,
        hash,
        timingSafeEqual,
        randomBytes: (size: number) => this.#randomBytes(size),
        randomUUID: () => this.#world().random.hex(16),
      },
      os: { hostname: () => 'simulated', userInfo: () => ({ username: 'simulated' }), tmpdir: () => '/tmp', constants: { signals: {} } },
      module: {},
      worker_threads: { threadId: 0 },
    };
    const resolve = (name: string): unknown => modules[name.replace(/^node:/, '')] ?? refusing(name);
    const pidOf = (): number => this.process?.pid ?? 0;
    this.slot = new Slot(script, {
      now: () => this.#world().wall(this.process),
      steady: () => this.#world().steady(),
      random: () => this.#world().random.next(),
      isTraced,
      require: resolve,
      process: {
        env: {},
        platform: 'linux',
        versions: process.versions,
        version: process.version,
        get pid() {
          return pidOf();
        },
        hrtime: Object.assign(() => [0, 0], { bigint: () => this.#world().steady() }),
        getBuiltinModule: resolve,
        getuid: () => 1000,
        cwd: () => '/sim',
        on() {},
        off() {},
        emit() {},
        kill: () => {
          throw this.error('ESRCH', 'kill', '');
        },
      },
      setTimer: (run, delay_ms, repeat) => this.#world().timeline.timer(this.#current(), run, delay_ms, repeat),
      clearTimer: (timer) => this.#world().timeline.cancel(timer),
      setImmediate: (run) => this.later('setImmediate', run),
      simulation: {
        catalog: () => this.#world().catalog,
        send: (sender: string, attempt: string, signal: AbortSignal, resolve: (outcome: string) => void, reject: (error: string) => void) =>
          this.#world().send(sender, attempt, { process: this.#current(), signal, resolve, reject }),
        finished: (result: string) => this.#end({ result: JSON.parse(result) }),
        failed: (kind: string, message: string) => this.#end({ kind, message }),
      },
    });
  }

  get disk(): Disk {
    return this.#world().disk;
  }

  start(process: Process): void {
    this.process = process;
    this.#calls.reset();
    this.slot.start(JSON.stringify(process.task));
  }

  resume(process: Process, work: () => void): void {
    if (this.process === process && process.state === 'runs') this.slot.enter(work);
  }

  get isInside(): boolean {
    return this.slot.isInside;
  }

  get isFree(): boolean {
    return !this.slot.isInside && this.process?.state !== 'runs';
  }

  before(call: string, path: string): Fate {
    const process = this.#current();
    if (process.state !== 'runs') throw this.#death();
    process.calls++;
    const world = this.#world();
    world.spend(CALL_MS);
    if (world.isTraced) world.trace(process, `${call} ${path}`);
    if (--process.calm > 0) return 'well';
    const disturbance = world.disturb(process, call, path);
    if (disturbance.fate === 'dies') throw this.#death();
    if (disturbance.fate === 'fails') throw this.error(disturbance.code, call, path);
    return disturbance.fate;
  }

  after(fate: Fate, call: string, path: string): void {
    if (fate === 'well' || fate === 'short') return;
    if (fate === 'fails after it') throw this.error('EIO', call, path);
    this.#world().die(this.#current(), `after ${call} ${path}`);
    throw this.#death();
  }

  /** Thrown by every call of a process that is dead, so that nothing it still does has any effect. */
  #death(): Error {
    return this.slot.error('the process is dead', { isDeath: true });
  }

  later(label: string, run: () => void): void {
    const process = this.process;
    if (process?.state === 'runs') this.#world().at(process, 0, label, run);
  }

  syncFailure(path: string): Error | null {
    const world = this.#world();
    const process = this.#current();
    return world.syncFails(process, path) ? this.error('EIO', 'fsync', path) : null;
  }

  kernelFile(path: string): string | undefined {
    if (!path.startsWith('/proc/') && !path.startsWith('/etc/')) return undefined;
    const content = this.#world().kernelFile(this.#current(), path);
    if (content === null) throw this.error('ENOENT', 'open', path);
    return content;
  }

  error(code: string, call: string, path: string): Error {
    return this.slot.error(`${code}: ${call} '${path}'`, { code, syscall: call, path, errno: -1 });
  }

  #current(): Process {
    if (!this.process) throw new Error('no process runs here');
    return this.process;
  }

  #randomBytes(size: number): Buffer {
    const bytes = Buffer.from(this.#world().random.hex(size), 'hex');
    const process = this.#current();
    if (size === 8 && process.nonce === '') process.nonce = bytes.toString('hex');
    return bytes;
  }

  #end(outcome: NonNullable<Process['outcome']>): void {
    const process = this.#current();
    if (process.state === 'runs') this.#world().ended(process, outcome);
  }
}

function refusing(name: string): unknown {
  return new Proxy(
    {},
    {
      get: (_, property) => {
        if (property === '__esModule' || property === 'default' || property === 'then' || typeof property === 'symbol') return undefined;
        return () => {
          throw new Error(`${name}.${property} is not simulated`);
        };
      },
    },
  );
}
