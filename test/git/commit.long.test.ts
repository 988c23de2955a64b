import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { commitState } from '../../src/run/commit.ts';
import { Layout } from '../../src/store/layout.ts';
import { DAY, eventFile, TestRepository } from './repository.ts';

const made: TestRepository[] = [];
afterEach(() => {
  for (const repository of made.splice(0)) repository.remove();
});

function repository(...args: ConstructorParameters<typeof TestRepository>): TestRepository {
  const result = new TestRepository(...args);
  made.push(result);
  return result;
}

describe('what is committed', () => {
  it('is what is new below state/, of every kind, and nothing else', async () => {
    const repo = repository();
    repo.write('README.md');
    repo.git(['add', '.']);
    repo.git(['commit', '-qm', 'first']);
    const paths = [
      ...repo.chain(1),
      repo.put(`seals/${DAY}.sha256`),
      repo.put(`seals/${DAY}.sha256.sig`),
      repo.put(`archives/${DAY}.tar.gz`),
      repo.put('subjects/job.x.json'),
      repo.put(`quarantine/${DAY}/events-bad`),
      repo.put(`quarantine/${DAY}/events-bad.reason.json`),
    ];
    // The machine's own, strangers, and what is not whole yet.
    for (const path of ['.bell', '.tmp/1-2', '.cache/days.json', 'inbox/drop.json', 'README.md', `events/${DAY}/notes.txt`, `seals/.${DAY}.sha256.1`])
      repo.put(path);
    const report = await repo.commit();
    expect(report).toMatchObject({ outcome: 'committed', commit: repo.head(), files: paths.length, left: [] });
    expect(repo.lastChanges()).toEqual(paths.map((path) => `A state/${path}`).sort());
    for (const path of paths) expect(repo.inHead(`state/${path}`)).toBe(path);
    expect(repo.git(['log', '-1', '--format=%an <%ae> %cn <%ce>'])).toBe('Operator <operator@example.org> Operator <operator@example.org>');
    expect(repo.status().every((line) => line.startsWith('?? '))).toBe(true);
    repo.git(['fsck', '--strict']);
  });

  it('is nothing where there is nothing new', async () => {
    const repo = repository();
    expect(await repo.commit()).toEqual({ outcome: 'nothing_new', left: [] });
    repo.event(1);
    await repo.commit();
    const head = repo.head();
    expect(await repo.commit()).toEqual({ outcome: 'nothing_new', left: [] });
    expect(repo.head()).toBe(head);
  });

  it('is also what was left by earlier passes and by emitters, on any day', async () => {
    const repo = repository();
    repo.chain(1);
    await repo.commit();
    repo.event(2);
    repo.chain(3, 'blocked', '2026-11-20');
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 6, message: '2 events, 1 notice: 1 blocked' });
  });

  it('leaves what git ignores', async () => {
    const repo = repository();
    repo.write('.gitignore', '/state/subjects/\n*T030000.000Z_run.failed_job.x_000000000002.json\n');
    repo.put('subjects/job.x.json');
    repo.event(1);
    repo.event(2);
    await repo.commit();
    expect(repo.lastChanges()).toEqual([`A state/events/${DAY}/${eventFile(1)}`]);
    expect(await repo.commit()).toEqual({ outcome: 'nothing_new', left: [] });
  });

  it('never takes an artifact that was altered or removed for news', async () => {
    const repo = repository();
    const [first, second] = [repo.event(1), repo.event(2)];
    await repo.commit();
    repo.put(first, 'altered\n');
    renameSync(join(repo.state, second), join(repo.place, 'gone'));
    repo.event(3);
    await repo.commit();
    expect(repo.lastChanges()).toEqual([`A state/events/${DAY}/${eventFile(3)}`]);
    expect(repo.status()).toEqual([` D state/${second}`, ` M state/${first}`].sort());
  });

  it('takes the last word of a subject, as it is now', async () => {
    const repo = repository();
    repo.put('subjects/a.json', '1\n');
    repo.put('subjects/b.json', '1\n');
    await repo.commit();
    repo.put('subjects/a.json', '2\n');
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 1, message: '1 subject' });
    expect(repo.lastChanges()).toEqual(['M state/subjects/a.json']);
    expect(repo.status()).toEqual([]);
  });

  it('is a link where there is a link, never what it leads to', async () => {
    const repo = repository();
    const secret = join(repo.place, 'secret');
    writeFileSync(secret, 'not for you\n');
    repo.put(`quarantine/${DAY}/folder/inner.json`);
    symlinkSync(secret, join(repo.state, 'quarantine', DAY, 'events-link'));
    symlinkSync(secret, join(repo.state, 'quarantine', DAY, 'folder', 'link'));
    mkdirSync(join(repo.state, 'events', DAY), { recursive: true });
    symlinkSync(secret, join(repo.state, 'events', DAY, eventFile(1)));
    mkdirSync(join(repo.state, 'events', DAY, eventFile(2)));
    const report = await repo.commit();
    expect(report).toMatchObject({ outcome: 'committed', files: 3, left: [`events/${DAY}/${eventFile(1)}`, `events/${DAY}/${eventFile(2)}`].sort() });
    expect(
      repo
        .git(['ls-tree', '-r', 'HEAD'])
        .split('\n')
        .map((line) => line.slice(0, 6))
        .sort(),
    ).toEqual(['100644', '120000', '120000']);
    expect(repo.inHead(`state/quarantine/${DAY}/events-link`)).toBe(secret);
  });

  it('has the very bytes, whatever line endings are configured', async () => {
    const repo = repository();
    repo.git(['config', 'core.autocrlf', 'true']);
    repo.git(['config', 'core.safecrlf', 'true']);
    const path = repo.put(`quarantine/${DAY}/events-bad`, 'one\r\ntwo\n');
    await repo.commit();
    expect(repo.git(['cat-file', 'blob', `HEAD:state/${path}`])).toBe('one\r\ntwo');
  });
});

describe('what else there is', () => {
  it('stays as it was: changes, staged changes, staged deletions', async () => {
    const repo = repository();
    for (const name of ['changed', 'staged', 'removed', 'both']) repo.write(name);
    repo.git(['add', '.']);
    repo.git(['commit', '-qm', 'first']);
    for (const name of ['changed', 'both', 'staged']) appendFileSync(join(repo.root, name), 'more\n');
    repo.git(['add', 'staged', 'both']);
    appendFileSync(join(repo.root, 'both'), 'and more\n');
    repo.git(['rm', '-q', '--cached', 'removed']);
    repo.write('new');
    repo.write('intended');
    repo.git(['add', '-N', 'intended']);
    const before = { status: repo.status(), staged: repo.git(['diff', '--cached']), unstaged: repo.git(['diff']) };
    repo.chain(1);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 5 });
    expect({ status: repo.status(), staged: repo.git(['diff', '--cached']), unstaged: repo.git(['diff']) }).toEqual(before);
    expect(repo.git(['ls-tree', '-r', '--name-only', 'HEAD']).split('\n')).toContain('removed');
  });

  it('of one and the same path is what was staged', async () => {
    const repo = repository();
    repo.put('subjects/a.json', '1\n');
    await repo.commit();
    const event = repo.event(1);
    repo.put('subjects/a.json', 'of mine\n');
    repo.put(event, 'of mine\n');
    repo.git(['add', 'state']);
    repo.put(event, 'of the program\n');
    repo.put('subjects/a.json', '2\n');
    await repo.commit();
    expect(repo.inHead(`state/${event}`)).toBe('of the program');
    expect(repo.inHead('state/subjects/a.json')).toBe('2');
    for (const path of [event, 'subjects/a.json']) expect(repo.git(['show', `:state/${path}`])).toBe('of mine');
  });

  it('may be a conflict that somebody has not resolved', async () => {
    const repo = repository();
    repo.write('file', '1\n');
    repo.git(['add', '.']);
    repo.git(['commit', '-qm', 'first']);
    repo.write('file', '2\n');
    repo.git(['stash']);
    repo.write('file', '3\n');
    repo.git(['commit', '-qam', 'second']);
    expect(() => repo.git(['stash', 'pop'])).toThrow(/CONFLICT/);
    const before = repo.git(['ls-files', '--unmerged']);
    repo.chain(1);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 5 });
    expect(repo.git(['ls-files', '--unmerged'])).toBe(before);
    expect(repo.status()).toEqual(['UU file']);
  });

  it('is not changed by any run of things that people do', async () => {
    const repo = repository();
    repo.write('file0', '0\n');
    repo.git(['add', '.']);
    repo.git(['commit', '-qm', 'first']);
    let seed = 7;
    const random = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * n);
    };
    const outside = (): string[] => repo.status().filter((line) => !line.includes('state/'));
    const actions: ((n: number) => void)[] = [
      (n) => repo.write(`file${n % 4}`, `${n}\n`),
      (n) => {
        repo.write(`file${n % 4}`, `${n}\n`);
        repo.git(['add', `file${n % 4}`]);
      },
      () => repo.git(['commit', '-q', '--allow-empty', '-m', 'by hand']),
      (n) => repo.git(['checkout', '-q', '-b', `branch${n}`]),
      () => repo.git(['reset', '-q']),
      (n) => repo.git(['rm', '-q', '--cached', '--ignore-unmatch', `file${n % 4}`]),
      (n) => repo.event(n),
      (n) => repo.chain(n, 'acked', '2026-11-23'),
      (n) => repo.put(`subjects/s${n % 3}.json`, `${n}\n`),
    ];
    for (let n = 1; n <= 60; n++) {
      actions[random(actions.length)]?.(n);
      if (random(2) === 0) continue;
      const before = { outside: outside(), staged: repo.git(['diff', '--cached', '--', ':!state']), head: repo.head() };
      const report = await repo.commit();
      expect({ outside: outside(), staged: repo.git(['diff', '--cached', '--', ':!state']) }).toEqual({
        outside: before.outside,
        staged: before.staged,
      });
      expect(repo.status().filter((line) => line.includes('state/'))).toEqual([]);
      if (report.outcome !== 'committed') continue;
      expect(repo.git(['rev-parse', 'HEAD^'])).toBe(before.head);
      expect(repo.lastChanges().filter((line) => !/^(A state\/|M state\/subjects\/)/.test(line))).toEqual([]);
    }
    repo.git(['fsck', '--strict']);
  });
});

describe('what is remembered of folders', () => {
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2_100));
  const memory = (repo: TestRepository): Record<string, unknown> => JSON.parse(repo.read('state/.cache/committed.json')).folders;

  it('never hides what is new, nor what another commit does not have', async () => {
    const repo = repository();
    repo.chain(1);
    repo.put('subjects/a.json');
    await repo.commit();
    const first = repo.head();
    const second = repo.event(2);
    await repo.commit();
    await settle();
    await repo.commit();
    expect(Object.keys(memory(repo))).toContain(`events/${DAY}`);
    // Remembered now, and nothing in the folder changes; it is the commit that does.
    repo.git(['reset', '-q', '--soft', first]);
    repo.git(['reset', '-q']);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 1 });
    expect(repo.lastChanges()).toEqual([`A state/${second}`]);
    await repo.commit();
    repo.event(3);
    repo.put('subjects/a.json', '2\n');
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 2 });
    // A repository of its own in place of the other one.
    rmSync(join(repo.root, '.git'), { recursive: true });
    repo.git(['init', '-q']);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 8 });
  });

  it('is nothing that has to be there or right', async () => {
    const repo = repository();
    repo.event(1);
    await repo.commit();
    for (const text of [
      '',
      '{',
      '[]',
      '{"format":1}',
      '{"format":1,"gitDir":"x","folders":{}}',
      `{"format":1,"gitDir":"${join(repo.root, '.git')}","folders":{"events/${DAY}":"x","subjects":null}}`,
    ]) {
      repo.put('.cache/committed.json', text);
      expect(await repo.commit(), text).toEqual({ outcome: 'nothing_new', left: [] });
    }
    repo.put('.cache/committed.json', 'nonsense');
    repo.event(2);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 1 });
  });
});

describe('where a state folder may lie', () => {
  it('in a repository without a commit', async () => {
    const repo = repository();
    repo.write('staged');
    repo.git(['add', 'staged']);
    repo.event(1);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 1, message: '1 event' });
    expect(repo.git(['log', '--format=%P'])).toBe('');
    expect(repo.status()).toEqual(['A  staged']);
  });

  it('deep below its root, under a name that needs quoting', async () => {
    const repo = repository('ops/wörk "x"*/state');
    repo.event(1);
    repo.write('ops/other');
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 1 });
    expect(repo.git(['-c', 'core.quotePath=false', 'ls-tree', '-r', '-z', '--name-only', 'HEAD']).replaceAll('\0', '')).toBe(
      `ops/wörk "x"*/state/events/${DAY}/${eventFile(1)}`,
    );
    expect(repo.status()).toEqual(['?? ops/other']);
  });

  it('at its root', async () => {
    const repo = repository('.');
    repo.event(1);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 1 });
    expect(repo.lastChanges()).toEqual([`A events/${DAY}/${eventFile(1)}`]);
    expect(await repo.commit()).toMatchObject({ outcome: 'nothing_new' });
  });

  it('in a repository with SHA-256', async () => {
    const repo = repository('state', ['init', '-q', '-b', 'main', '--object-format=sha256']);
    repo.chain(1);
    await repo.commit();
    repo.chain(2);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed', files: 5 });
    expect(repo.head()).toHaveLength(64);
    expect(repo.status()).toEqual([]);
    repo.git(['fsck', '--strict']);
  });

  it('where no branch is checked out', async () => {
    const repo = repository();
    repo.event(1);
    await repo.commit();
    repo.git(['checkout', '-q', '--detach']);
    repo.event(2);
    expect(await repo.commit()).toMatchObject({ outcome: 'committed' });
    expect(repo.git(['rev-parse', 'HEAD^'])).toBe(repo.git(['rev-parse', 'main']));
    expect(repo.status()).toEqual([]);
  });

  it('in a submodule: the repository around it is left alone', async () => {
    const outer = repository('unused');
    const inner = repository('x');
    inner.write('first');
    inner.git(['add', '.']);
    inner.git(['commit', '-qm', 'first']);
    outer.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'state']);
    outer.git(['commit', '-qm', 'with a submodule']);
    const head = outer.head();
    const path = `state/events/${DAY}/${eventFile(1)}`;
    outer.write(path);
    expect(await commitState(new Layout(join(outer.root, 'state')), outer.env)).toMatchObject({ outcome: 'committed', files: 1 });
    expect(outer.head()).toBe(head);
    expect(outer.git(['ls-tree', '-r', '--name-only', 'HEAD'], {}, join(outer.root, 'state')).split('\n')).toContain(`events/${DAY}/${eventFile(1)}`);
  });

  it('in one of several work trees', async () => {
    const repo = repository();
    repo.event(1);
    await repo.commit();
    const other = join(repo.place, 'other');
    repo.git(['worktree', 'add', '-q', '-b', 'other', other]);
    writeFileSync(join(other, 'state', 'events', DAY, eventFile(2)), '2\n');
    expect(await commitState(new Layout(join(other, 'state')), repo.env)).toMatchObject({ outcome: 'committed', files: 1 });
    expect(repo.git(['log', '--oneline', 'main..other']).split('\n')).toHaveLength(1);
    expect(repo.git(['status', '--porcelain'], {}, other)).toBe('');
    expect(repo.status()).toEqual([]);
  });

  it('behind a link', async () => {
    const repo = repository();
    const link = join(repo.place, 'link');
    symlinkSync(repo.state, link);
    repo.event(1);
    expect(await commitState(new Layout(link), repo.env)).toMatchObject({ outcome: 'committed', files: 1 });
    expect(repo.status()).toEqual([]);
  });
});
