import { spawn } from 'node:child_process';

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface RunParts {
  cwd: string;
  env: Record<string, string>;
}

/** Beside this process, never instead of it: the fakes that everybody speaks to live here. */
export function run([program = '', ...args]: readonly string[], { cwd, env }: RunParts): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const ran = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      ran.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      ran.stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...ran }));
  });
}
