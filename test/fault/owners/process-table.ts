import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { eventually } from '../../support/watching.ts';
import { runOnce } from '../chaos/once.ts';

/** Beside suites that need the machine themselves. */
const PATIENCE_MS = 180_000;

/** A process table of its own (pid_namespaces(7)), in which process numbers are given out as the test wants them. */
export class ProcessTable {
  readonly #first: ChildProcess;
  readonly #inside: string;
  readonly #others: ChildProcess[] = [];

  private constructor(first: ChildProcess, inside: string) {
    this.#first = first;
    this.#inside = inside;
  }

  static async open(): Promise<ProcessTable> {
    const first = spawn('unshare', ['-p', '-f', '--mount-proc', '--kill-child', 'sleep', '600'], { stdio: 'ignore' });
    const { pid } = first;
    const inside = await eventually(
      'the first process of the table',
      () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim() || null,
      PATIENCE_MS,
    );
    return new ProcessTable(first, inside);
  }

  /** The same command among these processes. */
  inside(command: readonly string[]): string[] {
    return ['nsenter', '-t', this.#inside, '-p', '-m', ...command];
  }

  /** By its number in this table. */
  signal(pid: number, signal: string): Promise<unknown> {
    return runOnce(this.inside(['kill', '-s', signal.replace('SIG', ''), String(pid)]));
  }

  /** Resolves when no such process is left. */
  async kill(pid: number): Promise<void> {
    await this.signal(pid, 'SIGKILL');
    await eventually('the end of a process', async () => (await this.#nameOf(pid)) === '', PATIENCE_MS);
  }

  /** Gives this number to another program (ns_last_pid, proc(5)). */
  async takeNumber(pid: number): Promise<void> {
    await eventually(
      'the number of before',
      async () => {
        await runOnce(this.inside(['sh', '-c', `echo ${pid - 1} > /proc/sys/kernel/ns_last_pid`]));
        this.#others.push(spawn('nsenter', this.inside(['sleep', '600']).slice(1), { stdio: 'ignore' }));
        return eventually('another program', async () => (await this.#nameOf(pid)) === 'sleep', 1_000).catch(() => false);
      },
      PATIENCE_MS,
    );
  }

  /** Ends every process in it. */
  close(): void {
    for (const one of [...this.#others, this.#first]) one.kill('SIGKILL');
  }

  async #nameOf(pid: number): Promise<string> {
    const { stdout } = await runOnce(this.inside(['sh', '-c', `cat /proc/${pid}/comm 2>/dev/null || true`]));
    return stdout.trim();
  }
}
