import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Received, SlowReceiver } from '../../bridge/receiver.ts';
import { slowReceiver } from '../../bridge/receiver.ts';
import { BridgeWorkspace, webhookTo } from '../../bridge/workspace.ts';
import { PROGRAM } from '../../support/cli.ts';
import { sleep } from '../../support/watching.ts';
import type { Fault } from './faults.ts';
import { buildShim, type Call, readCalls, shimmed } from './shim.ts';

/** Nothing here takes longer; what does is hanging. */
const TIME_LIMIT_MS = 600_000;
/** Longer than the clock of any file system is coarse, as the program sees it. */
const AGE_MS = 2_200;
const AGED_AT_ONCE = 200;

export interface Ran {
  /** The exit code, or the signal that ended it. */
  code: number | string;
  stdout: string;
  stderr: string;
  /** Calls below `state/`, in the order in which they came to their end. */
  calls: Call[];
}

/** A workspace whose `state/` is put back before each run, the program, and a receiver that logs what it is sent. */
export class Stage {
  readonly workspace: BridgeWorkspace;
  readonly #folder: string;
  readonly #program: string;
  readonly #library: string;
  readonly #receiver: SlowReceiver;
  #isKept = false;

  private constructor(folder: string, program: string, receiver: SlowReceiver) {
    this.#folder = folder;
    this.#program = program;
    this.#receiver = receiver;
    this.#library = buildShim(folder);
    this.workspace = new BridgeWorkspace(folder);
    // One millisecond between attempts: what was put off is due by the time of the next pass.
    const retry = { attempts: 20, initial: '1ms', factor: 1, max: '1ms' };
    this.workspace.bind({ hook: { ...webhookTo(receiver.origin), idempotent: true, retry } });
  }

  static async open(program = PROGRAM): Promise<Stage> {
    if (!existsSync(program)) throw new Error(`${program} is missing: run npm run build first`);
    const folder = realpathSync(mkdtempSync(join(roomInMemory(), 'rgov-syscalls-')));
    return new Stage(folder, program, await slowReceiver(() => 0));
  }

  close(): void {
    this.#receiver.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get state(): string {
    return this.workspace.state;
  }

  /** What the receiver was sent since `reset`. */
  get received(): readonly Received[] {
    return this.#receiver.log.slice(this.#since);
  }
  #since = 0;

  /** Keeps `state/` as it is now, to be put back before each run. */
  keep(): void {
    cpSync(this.state, this.#kept, { recursive: true });
    this.#isKept = true;
    this.#since = this.#receiver.log.length;
    this.#before = [...this.#receiver.log];
  }
  /** Everything that the receiver was sent before the runs. */
  #before: Received[] = [];

  /** What was sent while the state was prepared, and since the last `reset`. */
  get everReceived(): Received[] {
    return [...this.#before, ...this.received];
  }

  reset(): void {
    if (!this.#isKept) throw new Error('keep() comes first');
    rmSync(this.state, { recursive: true, force: true });
    cpSync(this.#kept, this.state, { recursive: true });
    this.#since = this.#receiver.log.length;
  }

  /** Waits until nothing counts as changed of late. */
  age(): Promise<void> {
    return sleep(AGE_MS);
  }

  /** The same, with folders that nobody has changed of late: what has just changed may change again unseen, and is not sealed. */
  async resetAged(): Promise<void> {
    const copies = join(this.#folder, 'aged');
    if (this.#aged.length === 0) {
      mkdirSync(copies, { recursive: true });
      this.#aged = Array.from({ length: AGED_AT_ONCE }, (_, i) => join(copies, String(i)));
      for (const copy of this.#aged) cpSync(this.#kept, copy, { recursive: true });
      await this.age();
    }
    rmSync(this.state, { recursive: true, force: true });
    // Only the folder itself changes by that, and nothing below it.
    renameSync(this.#aged.pop() as string, this.state);
    this.#since = this.#receiver.log.length;
  }
  #aged: string[] = [];

  get #kept(): string {
    return join(this.#folder, 'kept');
  }

  /** Runs the program without any fault. */
  async run(args: readonly string[]): Promise<Ran> {
    return { ...(await this.#spawn(args, {})), calls: [] };
  }

  /** Runs it while its calls are written down, one of them made to fail. */
  async runShimmed(args: readonly string[], fault: { at: number; fault: Fault } | null = null): Promise<Ran> {
    const log = join(this.#folder, 'calls');
    rmSync(log, { force: true });
    const ran = await this.#spawn(args, shimmed(this.#library, this.state, log, fault && { at: fault.at, what: fault.fault.what }));
    return { ...ran, calls: readCalls(log) };
  }

  async #spawn(args: readonly string[], env: Record<string, string>): Promise<Omit<Ran, 'calls'>> {
    const child = spawn(process.execPath, [this.#program, ...args, '-C', this.workspace.root], {
      env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ran = { code: 0, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      ran.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      ran.stderr += chunk;
    });
    const timer = setTimeout(() => child.kill('SIGABRT'), TIME_LIMIT_MS);
    const [code, signal] = await once(child, 'close');
    clearTimeout(timer);
    return { ...ran, code: code ?? signal };
  }
}

/** Where syncing costs nothing, if there is such a place: thousands of runs sync, and what a disk does then is another suite's matter. */
function roomInMemory(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}
