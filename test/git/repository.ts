import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CommitReport, commitState } from '../../src/run/commit.ts';
import { Layout } from '../../src/store/layout.ts';

export const DAY = '2026-11-22';

/** Names as the program gives them; `n` tells them apart. */
export const eventFile = (n: number, day = DAY): string => `${day.replaceAll('-', '')}T030000.000Z_run.failed_job.x_${hex(n)}.json`;
const noticeName = (n: number, day = DAY): string => `${day.replaceAll('-', '')}T030000.000Z_rule_operator_${hex(n)}`;
const hex = (n: number): string => n.toString(16).padStart(12, '0');

/** A git repository of its own with a state folder in it, away from the configuration of this machine. */
export class TestRepository {
  /** Of everything. */
  readonly place = realpathSync(mkdtempSync(join(tmpdir(), 'rgov-git-')));
  readonly root = join(this.place, 'repo');
  readonly state: string;
  readonly layout: Layout;
  readonly env: Record<string, string>;

  /** `state` is below the repository. */
  constructor(state = 'state', init: readonly string[] = ['init', '-q', '-b', 'main']) {
    this.state = join(this.root, state);
    this.layout = new Layout(this.state);
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.place,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CEILING_DIRECTORIES: this.place,
      TZ: 'UTC',
    };
    mkdirSync(this.state, { recursive: true });
    this.git(init);
    writeFileSync(join(this.root, '.git/info/exclude'), '.cache/\n.tmp/\n');
    this.git(['config', 'user.name', 'Operator']);
    this.git(['config', 'user.email', 'operator@example.org']);
  }

  /** What git prints, trimmed. Throws if it fails. */
  git(args: readonly string[], env: Record<string, string> = {}, cwd = this.root): string {
    const { status, stdout, stderr } = spawnSync('git', args, { cwd, env: { ...this.env, ...env }, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}${stdout}`);
    return stdout.trimEnd();
  }

  commit(env: Record<string, string> = {}): Promise<CommitReport> {
    return commitState(this.layout, { ...this.env, ...env });
  }

  /** By its path below the repository. */
  write(path: string, text = `${path}\n`): string {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return path;
  }

  /** By its path below `state/`. */
  put(path: string, text = `${path}\n`): string {
    const file = join(this.state, path);
    mkdirSync(dirname(file), { recursive: true });
    // Subject records are replaced, never written over.
    writeFileSync(join(this.place, 'fresh'), text);
    renameSync(join(this.place, 'fresh'), file);
    return path;
  }

  event(n: number, day = DAY): string {
    return this.put(`events/${day}/${eventFile(n, day)}`);
  }

  notice(n: number, day = DAY): string {
    return this.put(`queue/${day}/${noticeName(n, day)}.json`);
  }

  receipt(n: number, revision: number, status: string, day = DAY): string {
    return this.put(`receipts/${day}/${noticeName(n, day)}.${revision}.${status}.json`);
  }

  /** An event, its decision, its notice, an attempt and the outcome. */
  chain(n: number, status = 'acked', day = DAY): string[] {
    const decision = this.put(`decisions/${day}/${eventFile(n, day)}`);
    const handoff = this.put(`handoffs/${day}/${noticeName(n, day)}.1.json`);
    return [this.event(n, day), decision, this.notice(n, day), handoff, this.receipt(n, 1, status, day)];
  }

  /** Everything in the index and the work tree that differs from the last commit, as a person sees it. */
  status(): string[] {
    return this.git(['status', '--porcelain', '--untracked-files=all']).split('\n').filter(Boolean).sort();
  }

  /** Paths that the last commit changed, each with its letter. */
  lastChanges(): string[] {
    return this.git(['show', '--format=', '--name-status', '--no-renames', '--root', 'HEAD'])
      .split('\n')
      .filter(Boolean)
      .map((line) => line.replace('\t', ' '))
      .sort();
  }

  head(): string {
    return this.git(['rev-parse', 'HEAD']);
  }

  inHead(path: string): string {
    return this.git(['show', `HEAD:${path}`]);
  }

  /** A `git` that comes before the real one on PATH: `script` sees the arguments and `$REAL`, the path of the real one. */
  shim(script: string): Record<string, string> {
    const folder = join(this.place, 'shim');
    const real = spawnSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).stdout.trim();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'git'), `#!/bin/sh\nREAL='${real}'\n${script}\nexec "$REAL" "$@"\n`, { mode: 0o755 });
    return { PATH: `${folder}:${this.env['PATH']}` };
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  remove(): void {
    rmSync(this.place, { recursive: true, force: true });
  }
}
