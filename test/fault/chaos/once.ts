import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Ended {
  /** Exit code, or the signal that ended it. */
  code: number | string;
  stdout: string;
  stderr: string;
}

interface Options {
  input?: string;
  /** SIGKILL after so many milliseconds, if it has not ended by then; null: never. */
  kill_ms?: number | null;
  env?: Record<string, string>;
  /** Told of the process as soon as it is there. */
  onStarted?: (child: ReturnType<typeof spawn>) => void;
}

/** One run of a program, which may be cut short. */
export async function runOnce(command: readonly string[], { input = '', kill_ms = null, env = {}, onStarted }: Options = {}): Promise<Ended> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended: Ended = { code: 0, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    ended.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    ended.stderr += chunk;
  });
  // One that was killed does not read its input any more.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  onStarted?.(child);
  const timer = kill_ms === null ? undefined : setTimeout(() => child.kill('SIGKILL'), kill_ms);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  return { ...ended, code: code ?? signal };
}
