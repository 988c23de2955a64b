import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { commitState } from '../../src/run/commit.ts';
import { Layout } from '../../src/store/layout.ts';
import { DAY, eventFile, TestRepository } from './repository.ts';

const made: TestRepository[] = [];
afterEach(() => {
  for (const repository of made.splice(0)) repository.remove();
});

/** With one commit of a file and of an event. */
function repository(state?: string): TestRepository {
  const result = new TestRepository(state);
  made.push(result);
  result.write('file', '1\n');
  result.event(1);
  result.git(['add', '.']);
  result.git(['commit', '-qm', 'first']);
  return result;
}

/** Two branches that cannot be merged without a human. */
function conflicting(): TestRepository {
  const repo = repository();
  repo.git(['checkout', '-q', '-b', 'side']);
  repo.write('file', '2\n');
  repo.git(['commit', '-qam', 'side']);
  repo.git(['checkout', '-q', 'main']);
  repo.write('file', '3\n');
  repo.git(['commit', '-qam', 'main']);
  return repo;
}

/** What a pass that may change nothing leaves as it was. */
const picture = (repo: TestRepository): unknown => ({ head: repo.head(), status: repo.status(), index: repo.git(['ls-files', '--stage']) });

describe('trouble with git is told, and changes nothing', () => {
  it.each([
    ['a merge', ['merge', 'side']],
    ['a rebase', ['rebase', 'side']],
    ['a cherry-pick', ['cherry-pick', 'side']],
    ['a revert', ['revert', '--no-edit', 'main~1']],
  ])('%s in progress', async (what, command) => {
    const repo = conflicting();
    if (what === 'a revert') {
      repo.write('file', '4\n');
      repo.git(['commit', '-qam', 'again']);
    }
    expect(() => repo.git(command)).toThrow();
    repo.event(2);
    const before = picture(repo);
    const report = await repo.commit();
    expect(report).toMatchObject({ outcome: 'not_committed', reason: 'busy' });
    expect(report).toHaveProperty('detail', expect.stringContaining(what));
    expect(picture(repo)).toEqual(before);
    repo.git([command[0] as string, '--abort']);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed' });
  });

  it('a bisection', async () => {
    const repo = conflicting();
    repo.git(['bisect', 'start', 'HEAD', 'HEAD~1']);
    repo.event(2);
    expect(await repo.commit()).toMatchObject({ outcome: 'not_committed', reason: 'busy' });
  });

  it('no git', async () => {
    const repo = repository();
    repo.event(2);
    expect(await repo.commit({ PATH: join(repo.place, 'nowhere') })).toEqual({
      outcome: 'not_committed',
      reason: 'no_git',
      detail: 'there is no git on PATH',
      hint: 'install git',
    });
  });

  it('no repository, a bare one, the inside of .git', async () => {
    const repo = repository();
    const outside = join(repo.place, 'state');
    const bare = join(repo.place, 'bare.git');
    repo.git(['init', '-q', '--bare', bare]);
    for (const [state, reason] of [
      [outside, 'not_a_repository'],
      [join(bare, 'state'), 'no_work_tree'],
      [join(repo.root, '.git', 'state'), 'no_work_tree'],
    ] as const) {
      mkdirSync(join(state, 'events', DAY), { recursive: true });
      writeFileSync(join(state, 'events', DAY, eventFile(2)), '2\n');
      expect(await commitState(new Layout(state), repo.env), state).toMatchObject({ outcome: 'not_committed', reason });
    }
  });

  it('no state folder is none', async () => {
    const repo = repository();
    expect(await commitState(new Layout(join(repo.root, 'elsewhere')), repo.env)).toEqual({ outcome: 'nothing_new', left: [] });
  });

  it('a locked index', async () => {
    const repo = repository();
    const lock = join(repo.root, '.git', 'index.lock');
    repo.event(2);
    const before = picture(repo);
    writeFileSync(lock, '');
    expect(await repo.commit()).toMatchObject({ outcome: 'not_committed', reason: 'index_locked' });
    expect(existsSync(lock)).toBe(true);
    rmSync(lock);
    expect(picture(repo)).toEqual(before);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 1 });
  });

  it('an index that is locked for a moment only is waited for', async () => {
    const repo = repository();
    repo.event(2);
    const env = repo.shim(`
case "$*" in
  *update-index*--index-info*)
    n=$(cat '${repo.place}/tries' 2>/dev/null || echo 0)
    echo $((n + 1)) > '${repo.place}/tries'
    if [ "$n" = 0 ]; then touch '${repo.root}/.git/index.lock'; "$REAL" "$@"; status=$?; rm '${repo.root}/.git/index.lock'; exit $status; fi ;;
esac`);
    expect(await repo.commit(env)).toMatchObject({ outcome: 'committed', files: 1 });
    expect(repo.status()).toEqual([]);
  });

  it('a state folder that is ignored', async () => {
    const repo = new TestRepository();
    made.push(repo);
    repo.write('.gitignore', '/state/\n');
    repo.event(1);
    expect(await repo.commit()).toMatchObject({ outcome: 'not_committed', reason: 'ignored', hint: expect.stringContaining('check-ignore') });
  });

  it.skipIf(process.getuid?.() !== 0)('a repository of somebody else (as root)', async () => {
    const repo = repository();
    repo.event(2);
    for (const path of [repo.root, join(repo.root, '.git')]) chownSync(path, 12345, 12345);
    const report = await repo.commit();
    expect(report).toMatchObject({ outcome: 'not_committed', reason: 'not_trusted', hint: `git config --global --add safe.directory ${repo.root}` });
    const allowed = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: repo.root };
    expect(await repo.commit(allowed)).toMatchObject({ outcome: 'committed' });
  });

  it('a submodule or a file in place of state/ in the last commit', async () => {
    const repo = repository();
    const other = repository();
    repo.git(['rm', '-rq', '--cached', 'state']);
    repo.git(['update-index', '--add', '--cacheinfo', `160000,${other.head()},state`]);
    repo.git(['commit', '-qm', 'a submodule']);
    repo.event(2);
    expect(await repo.commit()).toMatchObject({ outcome: 'not_committed', reason: 'not_a_folder' });
    repo.git(['rm', '-q', '--cached', 'state']);
    repo.git(['update-index', '--add', '--cacheinfo', `100644,${repo.git(['rev-parse', 'HEAD:file'])},state`]);
    repo.git(['commit', '-qm', 'a file']);
    expect(await repo.commit()).toMatchObject({ outcome: 'not_committed', reason: 'not_a_folder' });
  });

  it('a branch that a power cut has emptied: no second beginning of history is made', async () => {
    const repo = repository();
    repo.event(2);
    writeFileSync(join(repo.root, '.git', 'refs', 'heads', 'main'), '');
    const report = await repo.commit();
    expect(report.outcome).toBe('not_committed');
  });

  it('a commit or a tree that is missing', async () => {
    const repo = repository();
    repo.event(2);
    for (const name of ['HEAD', 'HEAD:state', `HEAD:state/events/${DAY}`]) {
      const oid = repo.git(['rev-parse', name]);
      const file = join(repo.root, '.git', 'objects', oid.slice(0, 2), oid.slice(2));
      cpSync(file, join(repo.place, 'kept'));
      rmSync(file);
      expect(await repo.commit(), name).toMatchObject({ outcome: 'not_committed', reason: 'failed' });
      cpSync(join(repo.place, 'kept'), file);
    }
    expect(await repo.commit()).toMatchObject({ outcome: 'committed' });
  });

  it('an answer that makes no sense, a git that dies', async () => {
    const repo = repository();
    repo.event(2);
    const before = picture(repo);
    for (const script of ['echo nonsense; exit 0', 'kill -9 $$', 'exit 3', 'echo fatal: no idea >&2; exit 128']) {
      for (const command of ['rev-parse', 'cat-file', 'check-ignore', 'update-index', 'mktree', 'commit-tree', 'update-ref']) {
        // A check-ignore that prints nonsense ignores nothing that is there, and an update-ref that lies has to be believed.
        if (script.startsWith('echo nonsense') && !['rev-parse', 'cat-file', 'mktree'].includes(command)) continue;
        const env = repo.shim(`for arg; do if [ "$arg" = ${command} ]; then ${script}; fi; done`);
        const report = await repo.commit(env);
        expect(report, `${command}: ${script}`).toMatchObject({ outcome: 'not_committed' });
        expect(picture(repo), `${command}: ${script}`).toEqual(before);
      }
    }
  });
});

describe('whoever calls', () => {
  it('may be a hook of another repository', async () => {
    const repo = repository();
    const other = repository();
    other.write('mine');
    other.git(['add', 'mine']);
    const before = picture(other);
    repo.event(2);
    const git = join(other.root, '.git');
    const env = {
      GIT_DIR: git,
      GIT_WORK_TREE: other.root,
      GIT_INDEX_FILE: join(git, 'index'),
      GIT_PREFIX: 'x/',
      GIT_OBJECT_DIRECTORY: join(git, 'objects'),
    };
    expect(await repo.commit(env)).toMatchObject({ outcome: 'committed', commit: repo.head(), files: 1 });
    expect(picture(other)).toEqual(before);
    expect(repo.status()).toEqual([]);
    repo.git(['fsck', '--strict']);
  });

  it('gets no hook started', async () => {
    const repo = repository();
    const trace = join(repo.place, 'trace');
    const hooks = ['pre-commit', 'prepare-commit-msg', 'commit-msg', 'post-commit', 'reference-transaction', 'post-index-change', 'pre-auto-gc'];
    for (const hook of hooks) {
      const file = join(repo.root, '.git', 'hooks', hook);
      writeFileSync(file, `#!/bin/sh\necho ${hook} >> '${trace}'\nexit 1\n`);
      chmodSync(file, 0o755);
    }
    repo.event(2);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed' });
    expect(existsSync(trace)).toBe(false);
  });

  it('gets nothing signed, whatever is configured', async () => {
    const repo = repository();
    repo.git(['config', 'commit.gpgSign', 'true']);
    repo.git(['config', 'gpg.program', 'false']);
    repo.event(2);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed' });
    expect(repo.git(['cat-file', 'commit', 'HEAD'])).not.toContain('gpgsig');
  });

  it.each([
    ['nobody', {}, 'rgov <rgov@localhost> rgov <rgov@localhost>'],
    ['a name', { 'user.name': 'N' }, 'N <rgov@localhost> N <rgov@localhost>'],
    ['an address', { 'user.email': 'e@x' }, 'rgov <e@x> rgov <e@x>'],
    ['an author', { 'author.name': 'A', 'author.email': 'a@x' }, 'A <a@x> rgov <rgov@localhost>'],
    ['both', { 'user.name': 'N', 'user.email': 'e@x', 'committer.name': 'C' }, 'N <e@x> C <e@x>'],
  ])('is known by the name that is configured: %s', async (_, config, expected) => {
    const repo = repository();
    for (const key of ['user.name', 'user.email']) repo.git(['config', '--unset', key]);
    repo.git(['config', 'user.useConfigOnly', 'true']);
    for (const [key, value] of Object.entries(config)) repo.git(['config', key, value]);
    repo.event(2);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed' });
    expect(repo.git(['log', '-1', '--format=%an <%ae> %cn <%ce>'])).toBe(expected);
    repo.event(3);
    await repo.commit({ GIT_AUTHOR_NAME: 'E', GIT_AUTHOR_EMAIL: 'e@env' });
    expect(repo.git(['log', '-1', '--format=%an <%ae>'])).toBe('E <e@env>');
  });
});

describe('somebody who commits at the same moment', () => {
  const overtaking = (repo: TestRepository, how: string, times: number): Record<string, string> =>
    repo.shim(`
case "$*" in
  *update-ref*)
    n=$(cat '${repo.place}/times' 2>/dev/null || echo 0)
    echo $((n + 1)) > '${repo.place}/times'
    if [ "$n" -lt ${times} ]; then cd '${repo.root}' && ${how}; cd - >/dev/null; fi ;;
esac`);
  const commitAll = '"$REAL" -c user.name=a -c user.email=a@b commit -q --allow-empty -m other';

  it('is made way for; their commit may have taken along what was staged', async () => {
    const repo = repository();
    const event = repo.event(2);
    expect(await repo.commit(overtaking(repo, commitAll, 1))).toEqual({ outcome: 'nothing_new', left: [] });
    expect(repo.git(['log', '--format=%s', '-1'])).toBe('other');
    expect(repo.inHead(`state/${event}`)).toBe(event);
    expect(repo.status()).toEqual([]);
  });

  it('is built upon', async () => {
    const repo = repository();
    const event = repo.event(2);
    const emptily = '"$REAL" -c user.name=a -c user.email=a@b commit -q --allow-empty --only -m other';
    expect(await repo.commit(overtaking(repo, emptily, 1))).toMatchObject({ outcome: 'committed', files: 1 });
    expect(repo.git(['log', '--format=%s'])).toBe('1 event\nother\nfirst');
    expect(repo.inHead(`state/${event}`)).toBe(event);
    expect(repo.status()).toEqual([]);
  });

  it('again and again wins, and nothing is lost', async () => {
    const repo = repository();
    repo.event(2);
    const emptily = '"$REAL" -c user.name=a -c user.email=a@b commit -q --allow-empty --only -m other';
    expect(await repo.commit(overtaking(repo, emptily, 99))).toMatchObject({ outcome: 'not_committed', reason: 'overtaken' });
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 1 });
    expect(repo.status()).toEqual([]);
  });

  it('may be several passes: everything is committed once', async () => {
    const repo = repository();
    for (let n = 2; n < 12; n++) repo.chain(n);
    const reports = await Promise.all([repo.commit(), repo.commit(), repo.commit()]);
    await repo.commit();
    const added = repo.git(['log', '--format=', '--name-only', '--diff-filter=A', '--', 'state']).split('\n').filter(Boolean);
    expect(new Set(added).size).toBe(added.length);
    expect(added).toHaveLength(51);
    expect(reports.filter(({ outcome }) => outcome === 'committed').length).toBeGreaterThan(0);
    expect(repo.status()).toEqual([]);
  });

  it('finds what a killed pass staged, and the next pass commits it', async () => {
    const repo = repository();
    const event = repo.event(2);
    // The state in which a kill between index and branch leaves a repository.
    repo.git(['add', 'state']);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 1 });
    expect(repo.inHead(`state/${event}`)).toBe(event);
    expect(repo.status()).toEqual([]);
  });
});
