import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { isErrno, messageOf } from '../model/errors.ts';
import type { EventDraft } from '../model/event.ts';
import { oneLine, truncate } from '../model/text.ts';
import { formatDuration } from '../model/time.ts';
import { OutputTail } from './output-tail.ts';

const FORWARDED: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'];
/** What a terminal sends to the whole group by itself. */
const SENT_BY_TERMINAL: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];
/** Exit codes of POSIX shells for a command that could not be started. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
/** After the command has ended, output of its grandchildren is waited for no longer than this. */
const DRAIN_MS = 2_000;

export interface RunOptions {
  subject: string;
  runId?: string | undefined;
  argv: readonly string[];
}

export interface RunDeps {
  clock: () => number;
  /** Records an event durably; returns what went wrong, or null. It must not throw. */
  record(draft: EventDraft): string | null;
}

export interface RunResult {
  /** The command's own exit code; 128 + n if signal n ended it; 127 or 126 if it could not be started. */
  exitCode: number;
  started: string | null;
  outcome: string | null;
}

interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  spawnError: Error | null;
}

/** Runs a command with its input, output, signals and exit code passed through, and reports its start and its outcome. */
export async function runCommand({ subject, runId, argv }: RunOptions, deps: RunDeps): Promise<RunResult> {
  const runid = runId ?? randomUUID();
  const program = basename(argv[0] as string);
  const started_ms = deps.clock();
  const base = { source: 'rgov/run', subject, provenance: 'observed' as const, runid };
  // Arguments may hold secrets; the program's name says enough.
  const started = deps.record({
    ...base,
    id: `${runid}:started`,
    type: 'run.started',
    time: iso(started_ms),
    data: { summary: `${program} started`, command: program },
  });
  const tail = new OutputTail();
  const ending = await execute(argv, tail);
  const ended_ms = deps.clock();
  const exitCode = exitCodeOf(ending);
  const output = tail.text();
  const outcome = deps.record({
    ...base,
    id: `${runid}:ended`,
    type: exitCode === 0 ? 'run.succeeded' : 'run.failed',
    time: iso(ended_ms),
    data: {
      summary: summarize(program, ending, exitCode, output, ended_ms - started_ms),
      command: program,
      exitCode,
      ...(ending.signal === null ? {} : { signal: ending.signal }),
      durationMs: Math.max(0, ended_ms - started_ms),
      output,
    },
  });
  return { exitCode, started, outcome };
}

const iso = (ms: number): string => new Date(ms).toISOString();

function execute(argv: readonly string[], tail: OutputTail): Promise<Ending> {
  const [program, ...args] = argv as [string, ...string[]];
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['inherit', 'pipe', 'pipe'] });
    const stopForwarding = forwardSignals((signal) => child.kill(signal));
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ] as const) {
      from.on('data', (chunk: Buffer) => tail.add(chunk));
      from.pipe(to, { end: false });
      // Whoever reads our output has gone: the command learns it in the same way.
      to.on('error', () => from.destroy());
    }
    let drain: NodeJS.Timeout | undefined;
    const finish = (ending: Ending): void => {
      clearTimeout(drain);
      stopForwarding();
      resolve(ending);
    };
    child.on('error', (spawnError) => {
      if (child.pid === undefined) finish({ code: null, signal: null, spawnError });
    });
    child.on('exit', (code, signal) => {
      drain = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        finish({ code, signal, spawnError: null });
      }, DRAIN_MS);
    });
    child.on('close', (code, signal) => {
      if (child.pid !== undefined) finish({ code, signal, spawnError: null });
    });
  });
}

function forwardSignals(forward: (signal: NodeJS.Signals) => void): () => void {
  const listeners = FORWARDED.map((signal) => {
    const listener = (): void => {
      if (!(process.stdin.isTTY && SENT_BY_TERMINAL.includes(signal))) forward(signal);
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}

function exitCodeOf({ code, signal, spawnError }: Ending): number {
  if (spawnError) return isErrno(spawnError, 'ENOENT') ? NOT_FOUND : NOT_EXECUTABLE;
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function summarize(program: string, ending: Ending, exitCode: number, output: string, duration_ms: number): string {
  if (ending.spawnError) return truncate(oneLine(`${program} could not be started: ${messageOf(ending.spawnError)}`), 300);
  const how = ending.signal === null ? `exit code ${exitCode}` : `killed by ${ending.signal}`;
  const lastLine = output.slice(output.lastIndexOf('\n') + 1);
  const text = `${program}: ${how} after ${formatDuration(duration_ms)}`;
  return truncate(oneLine(exitCode === 0 || lastLine === '' ? text : `${text}: ${lastLine}`), 300);
}
