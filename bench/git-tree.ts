import { execFileSync, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { timeOf } from './rgov-command.ts';

/** As git comes: no untracked cache, no file-system monitor, nobody's own settings. */
const PLAIN = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'gc.auto=0'];
const NEWLINE = Buffer.from('\n');
const FILES_AT_ONCE = 500;
const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

/** Commits everything in the workspace, and brings the index up to date. */
export async function commitAll(workspace: string, message: string): Promise<void> {
  const git = (...args: string[]): void =>
    void execFileSync('git', [...PLAIN, ...args], { cwd: workspace, env, stdio: ['ignore', 'ignore', 'pipe'] });
  if (existsSync(join(workspace, '.git'))) {
    git('add', '-A');
    git('commit', '-q', '--allow-empty', '-m', message);
  } else {
    git('init', '-q', '-b', 'main');
    await importAll(workspace, message);
    git('reset', '-q');
  }
  git('status');
  // Entries as young as the index itself are read again and again.
  execFileSync('sleep', ['2']);
  git('status');
}

/** As the first commit, in one pack: a million loose objects, or git's own search through a pack that grows, take an hour. */
async function importAll(workspace: string, message: string): Promise<void> {
  const stdio: StdioOptions = ['pipe', 'ignore', 'pipe'];
  const importing = spawn('git', [...PLAIN, '-c', 'core.compression=0', 'fast-import', '--quiet', '--depth=0'], { cwd: workspace, env, stdio });
  const ended = once(importing, 'close');
  await pipeline(Readable.from(asCommit(workspace, message)), importing.stdin as Writable);
  const [code] = await ended;
  if (code !== 0) throw new Error(`git fast-import: exit code ${code}`);
}

/** The input of `git fast-import` (its manual page, "INPUT FORMAT"): one commit with every file that git does not ignore. */
function* asCommit(workspace: string, message: string): Iterable<Buffer> {
  yield Buffer.from(
    `commit refs/heads/main\ncommitter bench <bench@example.org> ${Math.floor(Date.now() / 1000)} +0000\ndata ${message.length}\n${message}\n`,
  );
  const names = execFileSync('git', ['ls-files', '-z', '--others', '--exclude-standard'], { cwd: workspace, env, maxBuffer: 2 ** 30 }).toString();
  let parts: Buffer[] = [];
  for (const name of names.split('\0')) {
    if (name === '') continue;
    const bytes = readFileSync(join(workspace, name));
    parts.push(Buffer.from(`M 100644 inline ${name}\ndata ${bytes.length}\n`), bytes, NEWLINE);
    if (parts.length < FILES_AT_ONCE * 3) continue;
    yield Buffer.concat(parts);
    parts = [];
  }
  yield Buffer.concat(parts);
}

/** Milliseconds of one `git status`. */
export function gitStatus(workspace: string): number {
  return timeOf(workspace, 'git', ['status']);
}
