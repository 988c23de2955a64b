import { type ChildProcess, spawn } from 'node:child_process';
import { Tail } from './tail.ts';

/** How much of each output stream is kept: its end. */
const MAX_OUTPUT_BYTES = 64 * 1024;
/** From SIGTERM to SIGKILL. */
const KILL_AFTER_MS = 2_000;
/** How long a process that even SIGKILL does not end (stuck in the kernel) is waited for. */
const GIVE_UP_AFTER_MS = 1_000;
/** How long output is waited for after the child's end, where a grandchild keeps the pipes open. */
const DRAIN_MS = 500;

export interface Command {
  argv: readonly string[];
  /** Absolute. */
  cwd: string;
  env: Record<string, string>;
  input: string;
}

export type ChildEnd =
  /** It never ran; `code` is the errno. */
  | { how: 'not_started'; code: string }
  | { how: 'exited'; status: number; stdout: string; stderr: string }
  /** By a signal that we did not send. */
  | { how: 'killed'; by: string; stderr: string }
  /** The abort signal fired before it ended; `status` is null if it did not exit by itself even then. */
  | { how: 'cut_off'; status: number | null; stdout: string };

/**
 * Runs one program in a process group of its own and always comes to an end: when the child has exited and its pipes are drained,
 * or, once `signal` has fired, within {@link KILL_AFTER_MS} and {@link GIVE_UP_AFTER_MS}. Never rejects.
 */
export function runChild(command: Command, signal: AbortSignal): Promise<ChildEnd> {
  const [file = '', ...args] = command.argv;
  let child: ChildProcess;
  try {
    child = spawn(file, args, { cwd: command.cwd, env: command.env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  } catch (error) {
    return Promise.resolve({ how: 'not_started', code: errorCode(error) });
  }
  const { pid } = child;
  const stdout = new Tail(MAX_OUTPUT_BYTES);
  const stderr = new Tail(MAX_OUTPUT_BYTES);
  let exit: { status: number | null; by: string | null } | undefined;
  let cutOff = false;
  let timer: NodeJS.Timeout | undefined;

  return new Promise((resolve) => {
    const finish = (end: ChildEnd): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.removeAllListeners('exit').removeAllListeners('close');
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      child.unref();
      resolve(end);
    };
    const finishWithOutput = (): void => {
      if (cutOff) finish({ how: 'cut_off', status: exit?.status ?? null, stdout: stdout.text() });
      else if (exit?.status != null) finish({ how: 'exited', status: exit.status, stdout: stdout.text(), stderr: stderr.text() });
      else finish({ how: 'killed', by: exit?.by ?? 'an unknown signal', stderr: stderr.text() });
    };
    const wait = (ms: number, then: () => void): void => {
      clearTimeout(timer);
      timer = setTimeout(then, ms);
    };
    function onAbort(): void {
      // It had ended by itself; only its output was still being waited for.
      if (exit) {
        finishWithOutput();
        return;
      }
      cutOff = true;
      killGroup(pid, 'SIGTERM');
      wait(KILL_AFTER_MS, () => {
        killGroup(pid, 'SIGKILL');
        wait(GIVE_UP_AFTER_MS, finishWithOutput);
      });
    }
    signal.addEventListener('abort', onAbort, { once: true });

    child.on('error', (error) => {
      if (pid === undefined) finish({ how: 'not_started', code: errorCode(error) });
    });
    child.on('exit', (status, by) => {
      exit = { status, by };
      // The group's leader is gone; whoever of the group ignored SIGTERM must not go on sending.
      if (cutOff) killGroup(pid, 'SIGKILL');
      wait(DRAIN_MS, finishWithOutput);
    });
    child.on('close', () => {
      if (pid !== undefined) finishWithOutput();
    });
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk)).on('error', ignore);
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk)).on('error', ignore);
    // EPIPE: a child that does not read its input is free to do so.
    child.stdin?.on('error', ignore).end(command.input);
  });
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody of the group is left.
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

function ignore(): void {}
