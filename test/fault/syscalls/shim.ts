import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One call on a path at or below the folder, as it came back to the program. */
export interface Call {
  /** Counted from 1 over all threads; 0 for a message that went out. */
  n: number;
  name: string;
  /** Below the folder. */
  path: string;
  /** The second path of link, rename and symlink; `-` for the other calls. */
  other: string;
  result: number;
  errno: number;
  /** Bytes asked for, of a read or a write. */
  bytes: number;
  /** What was done to it; empty for nothing. For a message its key. */
  done: string;
}

/** Why calls cannot be made to fail here; null if they can. */
export function whyNotHere(): string | null {
  if (process.platform !== 'linux') return 'it needs Linux: the calls are those that Node makes there';
  if (spawnSync('gcc', ['--version'], { stdio: 'ignore' }).status !== 0) return 'it needs gcc, which is not here (apt-get install gcc libc6-dev)';
  return null;
}

/** Builds the shim into a folder. Returns the path of the library. */
export function buildShim(folder: string): string {
  const library = join(folder, 'shim.so');
  const source = join(import.meta.dirname, 'shim.c');
  execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', library, source, '-ldl'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return library;
}

/** What a process is started with so that its calls below `below` are written to `log`, and one of them fails. */
export function shimmed(library: string, below: string, log: string, fault: { at: number; what: string } | null): Record<string, string> {
  return {
    LD_PRELOAD: library,
    RGOV_FAULT_BELOW: below,
    RGOV_FAULT_LOG: log,
    RGOV_FAULT_AT: String(fault?.at ?? 0),
    RGOV_FAULT_DO: fault?.what ?? 'errno:5',
    // With io_uring the kernel would be asked without any of these calls.
    UV_USE_IO_URING: '0',
  };
}

export function readCalls(log: string): Call[] {
  if (!existsSync(log)) return [];
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [n, name = '', path = '', other = '', result, errno, bytes, done = ''] = line.split('\t');
      return { n: Number(n), name, path, other, result: Number(result), errno: Number(errno), bytes: Number(bytes), done };
    });
}
