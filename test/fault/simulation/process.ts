import type { Task } from './inside/program.ts';

/** One simulated process, from its start to its end. */
export interface Process {
  readonly number: number;
  readonly task: Task;
  readonly machine: string;
  readonly pid: number;
  /** Ticks between the start of its machine and its own. */
  readonly started: number;
  /** As it names itself in its claims; empty until it has asked for it. */
  nonce: string;
  state: 'runs' | 'ended' | 'died';
  /** Calls until something happens to it. */
  calm: number;
  /** Held back until then, on the clock that only goes forward. */
  stoppedUntil_ms: number;
  calls: number;
  /** Whether a call of it was made to fail. */
  wasDisturbed: boolean;
  outcome: { result: unknown } | { kind: string; message: string } | null;
  onEnd: (process: Process) => void;
}

/** Where one process at a time can run. */
export interface Place {
  /** The one that runs here, or ran here last. */
  process: Process | null;
  /** Whether a new process may start here. */
  readonly isFree: boolean;
  /** Whether something of it is on the stack at this moment. */
  readonly isInside: boolean;
  start(process: Process): void;
  /** Goes on where the process waits; nothing happens if it has come to its end meanwhile. */
  resume(process: Process, work: () => void): void;
}
