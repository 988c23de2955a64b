import { type ChildProcess, fork, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { WebhookReceiver } from '../receiver.ts';

/** Another program on the same work: so many notices, each handed in, delivered to a receiver on loopback and recorded as done. */
export interface Peer {
  /** Measured alone by `npm run bench -- peers/<id>`. */
  id: string;
  name: string;
  /** What its record is worth, where that is less than durable; empty otherwise. */
  caveat: string;
  /** Why it cannot be measured here; null if it can. */
  whyNot(): string | null;
  start(setting: Setting): Promise<RunningPeer>;
}

export interface Setting {
  /** An empty folder of its own on the file system that is measured. Others may look into it. */
  folder: string;
  receiver: WebhookReceiver;
  /** Of the body of one notice, as this program posts it. */
  bodyBytes: number;
  /** The folder bench/peers/, where the peers from npm are installed. */
  programs: string;
}

export interface RunningPeer {
  /** Milliseconds from the first notice handed in until all `count` are delivered and recorded as done. */
  work(count: number): Promise<number>;
  /** All its processes. */
  pids(): number[];
  stop(): Promise<void>;
}

export const isThere = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** A peer that is a module of Node: it answers `{count}` with `{ms}`. */
export async function forkPeer(module: string, settings: object): Promise<RunningPeer> {
  const child = fork(module, [JSON.stringify(settings)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let take: (answer: { ms?: number; error?: string }) => void = () => {};
  child.on('message', (message) => take(message as { ms?: number; error?: string }));
  child.on('exit', () => take({ error: 'it has ended' }));
  const answer = (): Promise<{ ms?: number; error?: string }> =>
    new Promise((resolve) => {
      take = resolve;
    });
  const ready = await answer();
  if (ready.error) throw new Error(`${module}: ${ready.error}`);
  return {
    async work(count) {
      const answered = answer();
      child.send({ count });
      const { ms, error } = await answered;
      if (ms === undefined) throw new Error(`${module}: ${error}`);
      return ms;
    },
    pids: () => [child.pid as number],
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** A server in the foreground, ended by SIGTERM. */
export class Daemon {
  readonly #child: ChildProcess;
  #said = '';

  constructor(program: string, args: readonly string[], options: SpawnOptions = {}) {
    this.#child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said = (this.#said + text).slice(-4_000);
      });
    }
    this.#child.on('error', (error) => {
      this.#said += error.message;
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Hands on what it writes to standard output. */
  onOutput(take: (text: string) => void): void {
    this.#child.stdout?.on('data', take);
  }

  /** Waits until `isReady` does not throw any more and says so. */
  async ready(isReady: () => Promise<boolean> | boolean): Promise<void> {
    for (let left = 600; left > 0; left--) {
      if (this.#child.exitCode !== null) break;
      try {
        if (await isReady()) return;
      } catch {
        // Not yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${this.#child.spawnfile} did not start: ${this.#said}`);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}

/** What the processes and all their children hold in memory, in MiB, each page that several share counted once (PSS, proc(5)). */
export function memoryMiB(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of withChildren(pids)) {
    try {
      kib += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It has ended, or is another user's.
    }
  }
  return Math.round(kib / 1024);
}

function withChildren(pids: readonly number[]): Set<number> {
  const found = new Set(pids);
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended.
    }
  }
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return found;
}
