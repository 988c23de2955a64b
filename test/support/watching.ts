import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PROGRAM } from './cli.ts';
import { namesBelow } from './hostile-things.ts';

/** Nothing that a test waits for takes longer on a slow machine. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 20;

export interface ToldFact {
  at: string;
  fact: string;
  [key: string]: unknown;
}

/** Resolves with what `look` finds, as soon as it finds anything but false, null or undefined. */
export async function eventually<T>(what: string, look: () => T | Promise<T>, patience_ms = PATIENCE_MS): Promise<NonNullable<Exclude<T, false>>> {
  for (const end = performance.now() + patience_ms; ; await sleep(LOOK_EVERY_MS)) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found as NonNullable<Exclude<T, false>>;
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `rgov watch --json`, as a process of its own. */
export class Watching {
  readonly child: ChildProcess;
  /** Resolves with the exit code; 128 + n after signal n. */
  readonly ended: Promise<number>;
  readonly lines: string[] = [];
  stderr = '';

  constructor(root: string, args: readonly string[] = [], env: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [PROGRAM, 'watch', '-C', root, '--json', ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let rest = '';
    this.child.stdout?.on('data', (chunk) => {
      const parts = `${rest}${chunk}`.split('\n');
      rest = parts.pop() ?? '';
      this.lines.push(...parts);
    });
    this.child.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => code ?? (signal === 'SIGKILL' ? 137 : 128));
  }

  /** One that is ready: everything is watched, and its first pass is over. */
  static async ready(root: string, args: readonly string[] = [], env: Record<string, string> = {}): Promise<Watching> {
    const watching = new Watching(root, args, env);
    await watching.fact('started');
    return watching;
  }

  get facts(): ToldFact[] {
    return this.lines.map((line) => JSON.parse(line));
  }

  /** The first fact of this kind that fits, now or when it is told. */
  fact(kind: string, fits: (fact: ToldFact) => boolean = () => true): Promise<ToldFact> {
    return eventually(`a fact ${kind}\n`, () => {
      if (this.child.exitCode !== null) throw new Error(`watch ended with ${this.child.exitCode}: ${this.stderr}\n${this.lines.join('\n')}`);
      return this.facts.find((fact) => fact.fact === kind && fits(fact));
    }).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : error}\n${this.lines.join('\n')}\n${this.stderr}`);
    });
  }

  /** Forgets what was told, so that the next one of its kind is a new one. */
  forget(): void {
    this.lines.length = 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.signal(signal);
    return this.ended;
  }

  /** For the end of a test that may have failed. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}

/** Paths of artifacts of one stage; none while there is no such folder. */
export function artifactsOf(state: string, stage: string): string[] {
  try {
    return namesBelow(state, stage).filter((path) => path.endsWith('.json'));
  } catch {
    return [];
  }
}

/** Puts a file into the drop folder as any program may: written elsewhere, then renamed. */
export function drop(root: string, name: string, content: object | string): void {
  const outside = join(root, '.dropping');
  mkdirSync(outside, { recursive: true });
  writeFileSync(join(outside, name), typeof content === 'string' ? content : JSON.stringify(content));
  renameSync(join(outside, name), join(root, 'state', 'inbox', name));
}

export const failedEvent = (id: string): object => ({ specversion: '1.0', id, source: 'test', type: 'run.failed', subject: `job/${id}` });

export interface HoldingReceiver {
  origin: string;
  /** `webhook-id` of every request, in order. */
  ids: string[];
  /** Answers all requests that wait, and from now on each at once. */
  release(): void;
  close(): void;
}

/** A receiver that answers with 200, but only when it is let. */
export async function holdingReceiver(): Promise<HoldingReceiver> {
  const waiting: ServerResponse[] = [];
  let released = false;
  const answer = (response: ServerResponse): void => void response.end('{"id":"m"}');
  const receiver: HoldingReceiver = { origin: '', ids: [], release, close };
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      receiver.ids.push(String(request.headers['webhook-id']));
      if (released) answer(response);
      else waiting.push(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;

  function release(): void {
    released = true;
    for (const response of waiting.splice(0)) answer(response);
  }
  function close(): void {
    server.closeAllConnections();
    server.close();
  }
}
