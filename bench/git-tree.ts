import { execFileSync } from 'node:child_process';
import { timeOf } from './rgov-command.ts';

/** As git comes: no untracked cache, no file-system monitor, nobody's own settings. */
const PLAIN = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'gc.auto=0'];
const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

/** Commits everything in the workspace, and brings the index up to date. */
export function commitAll(workspace: string, message: string): void {
  const git = (...args: string[]): void =>
    void execFileSync('git', [...PLAIN, ...args], { cwd: workspace, env, stdio: ['ignore', 'ignore', 'pipe'] });
  git('init', '-q');
  // What is larger than this goes into one pack, instead of into a file for each artifact.
  git('-c', 'core.bigFileThreshold=1', '-c', 'core.compression=0', 'add', '-A');
  git('commit', '-q', '--allow-empty', '-m', message);
  // Entries as young as the index itself are read again and again.
  execFileSync('sleep', ['2']);
  git('status');
}

/** Milliseconds of one `git status`. */
export function gitStatus(workspace: string): number {
  return timeOf(workspace, 'git', ['status']);
}
