import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { isErrno } from '../model/errors.ts';
import { ByteReader } from './byte-reader.ts';

/** How much of its complaints is kept: the beginning, where most programs say what is wrong. */
const MAX_COMPLAINT_BYTES = 16 * 1024;
/** From the request to end to the end. */
const KILL_AFTER_MS = 2_000;
/** How long output is waited for after the end. */
const DRAIN_MS = 5_000;
/** More than any answer that is read whole, where nobody says less. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;

export interface ChildParts {
  /** Absolute, and there. */
  cwd: string;
  /** The whole environment. */
  env: Record<string, string>;
  /** After this many milliseconds it is killed, with everything that it has started. */
  limit_ms: number;
  /** Ends it before, in the same way. */
  cut?: AbortSignal;
  /** What {@link runChild} takes at most: whatever prints more is ended. */
  maxOutput_bytes?: number;
}

export type ChildEnd =
  | { how: 'exited'; status: number; complaint: string }
  /** `code` is the errno. */
  | { how: 'not_started'; code: string }
  | { how: 'killed'; by: string; complaint: string }
  | { how: 'timed_out' };

/** `isTooLong`: it printed more than it may, and was ended for that; `output` is empty then. */
export type ChildResult = ChildEnd & { output: Buffer; isTooLong: boolean };

/**
 * A program beside this one, in a session of its own: it has no terminal to ask anything on, and can be ended with all its children.
 * Nothing here throws; `end` says what came of it.
 */
export class Child {
  readonly output: ByteReader;
  readonly #child: ChildProcess | null;
  readonly #end: Promise<ChildEnd>;
  #complaint = '';

  constructor([program = '', ...args]: readonly string[], { cwd, env, limit_ms, cut }: ChildParts) {
    this.#child = start(program, args, cwd, env);
    this.output = new ByteReader(this.#child?.stdout ?? Readable.from([]));
    this.#end = this.#child ? this.#watch(this.#child, limit_ms, cut) : Promise.resolve({ how: 'not_started', code: 'EAGAIN' });
  }

  write(bytes: string | Uint8Array): void {
    this.#child?.stdin?.write(bytes);
  }

  /** Nothing more is said to it. */
  close(): void {
    this.#child?.stdin?.end();
  }

  /** Ends it now, for whoever needs no more of its output. */
  stop(): void {
    killGroup(this.#child?.pid, 'SIGKILL');
  }

  /** Reads no more of its output, whoever still has that pipe. */
  leave(): void {
    this.#child?.stdout?.destroy();
  }

  /** When it has ended. Its output must be read, or be of no interest any more. */
  end(): Promise<ChildEnd> {
    return this.#end;
  }

  #watch(child: ChildProcess, limit_ms: number, cut?: AbortSignal): Promise<ChildEnd> {
    // EPIPE: a program that does not read its input is free to do so.
    child.stdin?.on('error', () => {});
    child.stdout?.on('error', () => {});
    child.stderr
      ?.on('error', () => {})
      .on('data', (chunk: Buffer) => {
        if (this.#complaint.length < MAX_COMPLAINT_BYTES) this.#complaint += chunk.toString('utf8').slice(0, MAX_COMPLAINT_BYTES);
      });
    return new Promise((resolve) => {
      let isLate = false;
      const endIt = (): void => {
        isLate = true;
        // A program that is asked to end takes its locks along; git leaves index.lock behind when it is killed.
        killGroup(child.pid, 'SIGTERM');
        killer = setTimeout(() => {
          killGroup(child.pid, 'SIGKILL');
          // Somebody whom no signal reaches may hold on to the pipes.
          for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
        }, KILL_AFTER_MS);
      };
      const timer = setTimeout(endIt, limit_ms);
      cut?.addEventListener('abort', endIt, { once: true });
      let killer: NodeJS.Timeout | undefined;
      const finish = (end: ChildEnd): void => {
        clearTimeout(timer);
        clearTimeout(killer);
        cut?.removeEventListener('abort', endIt);
        // Whoever of its children did not hear of it.
        if (end.how === 'timed_out') killGroup(child.pid, 'SIGKILL');
        resolve(end);
      };
      child.on('error', (error) => {
        if (child.pid === undefined) finish({ how: 'not_started', code: codeOf(error) });
      });
      child.on('exit', (status, by) => {
        const end = (): void => {
          if (isLate) finish({ how: 'timed_out' });
          else if (status !== null) finish({ how: 'exited', status, complaint: this.#complaint });
          else finish({ how: 'killed', by: by ?? 'an unknown signal', complaint: this.#complaint });
        };
        // What it complained of may still be on its way; a grandchild that keeps the pipe open is not waited for.
        if (child.stderr?.readableEnded !== false) end();
        else {
          const drained = setTimeout(end, 200);
          child.stderr.once('close', () => {
            clearTimeout(drained);
            end();
          });
        }
      });
    });
  }
}

/** Runs a program to its end and returns all that it prints. */
export async function runChild(argv: readonly string[], parts: ChildParts, input: string | Uint8Array = ''): Promise<ChildResult> {
  const child = new Child(argv, parts);
  child.write(input);
  child.close();
  const whole = child.output.rest(parts.maxOutput_bytes ?? MAX_OUTPUT_BYTES).catch(() => Buffer.alloc(0));
  void whole.then((output) => output ?? child.stop());
  const end = await child.end();
  // What is left in the pipe is there already; a grandchild that keeps it open is not waited for.
  const drained = setTimeout(() => child.leave(), DRAIN_MS);
  const output = await whole;
  clearTimeout(drained);
  return { ...end, output: output ?? Buffer.alloc(0), isTooLong: output === null };
}

function start(program: string, args: string[], cwd: string, env: Record<string, string>): ChildProcess | null {
  try {
    return spawn(program, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  } catch {
    return null;
  }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody of the group is left.
  }
}

const codeOf = (error: unknown): string => (isErrno(error) ? (error.code ?? 'unknown error') : 'unknown error');
