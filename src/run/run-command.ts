import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { EXIT_CODES, isErrno, messageOf } from '../model/errors.ts';
import type { EventDraft } from '../model/event.ts';
import { oneLine, truncate } from '../model/text.ts';
import { formatDuration } from '../model/time.ts';
import { OutputTail } from './output-tail.ts';
import { createOutputPipes, OutputPump } from './pass-through.ts';

const FORWARDED: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'];
/** What a terminal sends to the whole group by itself. */
const SENT_BY_TERMINAL: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];
/** Exit codes of POSIX shells for a command that could not be started. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

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
  /** The command's own exit code; 128 + n if signal n ended it; 127 or 126 if it could not be started; 4 instead of 0 if its output is lost. */
  exitCode: number;
  started: string | null;
  outcome: string | null;
}

interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  spawnError: Error | null;
  /** Our own standard output took not all of the command's. */
  outputLost?: boolean;
}

/** Runs a command with its input, output, signals and exit code passed through, and reports its start and its outcome. */
export async function runCommand({ subject, runId, argv }: RunOptions, deps: RunDeps): Promise<RunResult> {
  const runid = runId ?? randomUUID();
  const program = basename(argv[0] as string);
  const started_ms = deps.clock();
  // Until the outcome is on disk: a signal that kills the command must not take its report along.
  let kill = (_signal: NodeJS.Signals): void => {};
  const stopForwarding = forwardSignals((signal) => kill(signal));
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
  const ending = await execute(argv, tail, (killChild) => {
    kill = killChild;
  });
  const ended_ms = deps.clock();
  const exitCode = exitCodeOf(ending);
  if (ending.spawnError) say(cannotStart(argv[0] as string, ending.spawnError));
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
  stopForwarding();
  return { exitCode: exitCode === 0 && ending.outputLost ? EXIT_CODES.state_io : exitCode, started, outcome };
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** Runs until the command has ended and its output has gone where ours goes. `onStarted` gets what takes signals to it. */
async function execute(argv: readonly string[], tail: OutputTail, onStarted: (kill: (signal: NodeJS.Signals) => void) => void): Promise<Ending> {
  const [program, ...args] = argv as [string, ...string[]];
  const pipes = createOutputPipes(2);
  let child: ChildProcess;
  try {
    child = spawn(program, args, { stdio: ['inherit', pipes?.[0]?.childEnd ?? 'pipe', pipes?.[1]?.childEnd ?? 'pipe'] });
  } catch (spawnError) {
    // An empty name, for one, is refused before anything is tried.
    for (const { source } of pipes ?? []) source.destroy();
    return { code: null, signal: null, spawnError: spawnError as Error };
  } finally {
    for (const { childEnd } of pipes ?? []) closeSync(childEnd);
  }
  onStarted((signal) => child.kill(signal));
  const pumps = [process.stdout, process.stderr].map(({ fd }, i) => {
    const source = pipes?.[i]?.source ?? (i === 0 ? child.stdout : child.stderr);
    return new OutputPump(source as Readable, fd, (chunk) => tail.add(chunk));
  });
  const ending = await new Promise<Ending>((resolve) => {
    child.on('error', (spawnError) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, spawnError });
    });
    child.on('exit', (code, signal) => resolve({ code, signal, spawnError: null }));
  });
  for (const pump of pumps) pump.drain();
  const [outputError] = await Promise.all(pumps.map(({ done }) => done));
  if (outputError) say(`standard output cannot be written: ${messageOf(outputError)}`);
  return { ...ending, outputLost: outputError !== null };
}

/** To the person at the terminal, as a shell would; the report says the same in its own words. */
function say(text: string): void {
  process.stderr.write(`rgov: ${oneLine(text)}\n`);
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
  if (spawnError) return isErrno(spawnError, 'ENOENT', 'ERR_INVALID_ARG_VALUE') ? NOT_FOUND : NOT_EXECUTABLE;
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

function cannotStart(program: string, error: Error): string {
  const why = isErrno(error) ? (START_ERRORS[error.code ?? ''] ?? error.code) : messageOf(error);
  return `${program === '' ? 'a command without a name' : program} could not be started: ${why}`;
}

const START_ERRORS: Record<string, string> = {
  ENOENT: 'no such command',
  ERR_INVALID_ARG_VALUE: 'no such command',
  EACCES: 'it is not executable',
  ENOEXEC: 'its format is not one that this machine can execute',
  E2BIG: 'its arguments are too long',
};

function summarize(program: string, ending: Ending, exitCode: number, output: string, duration_ms: number): string {
  if (ending.spawnError) return truncate(oneLine(cannotStart(program, ending.spawnError)), 300);
  const how = ending.signal === null ? `exit code ${exitCode}` : `killed by ${ending.signal}`;
  const lastLine = output.slice(output.lastIndexOf('\n') + 1);
  const text = `${program}: ${how} after ${formatDuration(duration_ms)}`;
  return truncate(oneLine(exitCode === 0 || lastLine === '' ? text : `${text}: ${lastLine}`), 300);
}
