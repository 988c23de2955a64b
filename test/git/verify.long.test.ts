import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../src/run/verify/finding.ts';
import { verifyGit } from '../../src/run/verify/git.ts';
import { packArchive } from '../../src/store/archive/pack.ts';
import { Layout } from '../../src/store/layout.ts';
import { DAY, eventFile, TestRepository } from './repository.ts';

let repo: TestRepository;
beforeEach(() => {
  repo = new TestRepository();
  for (const name of Object.keys(process.env)) if (name.startsWith('GIT_')) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(repo.env)) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
  repo.remove();
});

/** By hand, with everything in the work tree. */
function save(message = 'by hand'): string {
  repo.git(['add', '-A', '.']);
  repo.git(['commit', '-q', '--allow-empty', '-m', message], { GIT_AUTHOR_DATE: '2026-11-23T10:00:00Z' });
  return repo.head();
}

const first = (): string => `events/${DAY}/${eventFile(1)}`;
/** Something else in place of the first event. */
function replaceBy(make: (path: string) => void): void {
  remove(first());
  make(join(repo.state, first()));
}
const verify = async (range?: string): Promise<{ findings: Finding[]; commits: number }> => verifyGit(repo.layout, range);
const found = async (range?: string): Promise<string[]> => (await verify(range)).findings.map(({ path, reason }) => `${reason} ${path}`).sort();
const remove = (path: string): void => unlinkSync(join(repo.state, path));

describe('a history that only ever added', () => {
  it('is fine', async () => {
    repo.write('README.md', '1\n');
    repo.chain(1);
    repo.put('subjects/a.json', '1\n');
    await repo.commit();
    repo.write('README.md', '2\n');
    repo.put('subjects/a.json', '2\n');
    save();
    rmSync(join(repo.root, 'README.md'));
    rmSync(join(repo.state, 'subjects/a.json'));
    repo.chain(2);
    save();
    expect(await verify()).toEqual({ findings: [], commits: 3 });
  });

  it('is fine with branches that were merged, and with several beginnings', async () => {
    repo.event(1);
    save();
    repo.git(['checkout', '-q', '-b', 'side']);
    repo.event(2);
    save();
    repo.git(['checkout', '-q', 'main']);
    repo.event(3);
    save();
    repo.git(['merge', '-q', '-m', 'merge', 'side']);
    repo.git(['checkout', '-q', '--orphan', 'other']);
    repo.git(['rm', '-rqf', '.']);
    repo.event(4);
    save();
    repo.git(['checkout', '-q', 'main']);
    repo.git(['merge', '-q', '--allow-unrelated-histories', '-m', 'merge', 'other']);
    expect(await verify()).toEqual({ findings: [], commits: 6 });
  });

  it('is fine before the first commit', async () => {
    repo.event(1);
    expect(await verify()).toEqual({ findings: [], commits: 0 });
  });
});

describe('is found in history', () => {
  it.each<[string, () => void, string]>([
    ['other content', () => repo.put(first(), 'altered\n'), `history_altered ${first()}`],
    ['a removed file', () => remove(first()), `history_removed ${first()}`],
    ['a renamed file', () => renameSync(join(repo.state, first()), join(repo.state, `events/${DAY}/${eventFile(9)}`)), `history_moved ${first()}`],
    ['a link in its place', () => replaceBy((path) => symlinkSync('elsewhere', path)), `history_altered ${first()}`],
    ['another mode', () => chmodSync(join(repo.state, first()), 0o755), `history_altered ${first()}`],
    ['a folder in its place', () => replaceBy((path) => mkdirSync(path) ?? writeFileSync(join(path, 'x'), 'x')), `history_removed ${first()}`],
  ])('%s, although a later commit puts it right', async (_, alter, expected) => {
    repo.event(1);
    const good = save();
    alter();
    const bad = save();
    repo.git(['checkout', '-q', good, '--', '.']);
    repo.git(['clean', '-qfd']);
    save();
    const { findings } = await verify();
    expect(findings.map(({ path, reason }) => `${reason} ${path}`)).toContain(expected);
    expect(findings[0]).toMatchObject({ since: '2026-11-23T10:00:00.000Z', detail: expect.stringContaining(bad.slice(0, 12)) });
  });

  it.each(['events', 'decisions', 'queue', 'handoffs', 'receipts', 'seals', 'archives', 'quarantine'])('what happened in %s', async (folder) => {
    repo.put(`${folder}/some/file`);
    save();
    remove(`${folder}/some/file`);
    save();
    expect(await found()).toEqual([`history_removed ${folder}/some/file`]);
  });

  it('what a merge dropped, or changed, without any other commit that says so', async () => {
    repo.event(1);
    save();
    repo.git(['checkout', '-q', '-b', 'side']);
    const side = repo.event(2);
    save();
    repo.git(['checkout', '-q', 'main']);
    repo.event(3);
    save();
    repo.git(['merge', '-q', '-s', 'ours', '-m', 'dropping', 'side']);
    expect(await found()).toEqual([`history_removed ${side}`]);
    // A clean history of its own does not show it.
    expect(repo.git(['log', '--format=%s', '--diff-filter=MDRT', '--', 'state'])).toBe('');
    repo.put(first(), 'altered\n');
    repo.git(['add', '.']);
    repo.git(['commit', '-q', '--amend', '-m', 'merge that changes']);
    expect(await found()).toEqual([`history_altered ${first()}`, `history_removed ${side}`]);
  });

  it('what stands-in objects, grafts and flags hide from git log', async () => {
    const event = repo.event(1);
    repo.event(2);
    const one = save();
    remove(event);
    const two = save();
    repo.event(3);
    save();
    const clean = repo.git(['commit-tree', '-p', one, '-m', 'nothing to see', `${two}^{tree}`]);
    repo.git(['replace', two, repo.git(['commit-tree', '-m', 'nothing to see', `${two}^{tree}`])]);
    expect(repo.git(['log', '--format=%s', '--diff-filter=D', '--', 'state'])).toBe('');
    expect(clean).toBeTruthy();
    expect(await found()).toEqual([`history_removed ${event}`]);
    repo.git(['replace', '-d', two]);
    writeFileSync(join(repo.root, '.git/info/grafts'), `${two}\n`);
    expect(await found()).toEqual([`history_removed ${event}`]);
  });

  it('a file of any name', async () => {
    const odd = `quarantine/${DAY}/odd\n"name"\\\u0001\u001b[31m wörk*`;
    repo.put(odd);
    repo.put(`quarantine/${DAY}/\u0001${'0'.repeat(40)}`);
    save();
    remove(odd);
    save();
    expect(await found()).toEqual([`history_removed ${odd}`]);
  });

  it('in a state folder deep below, and at the root', async () => {
    for (const place of ['ops/wörk/state', '.']) {
      repo.remove();
      repo = new TestRepository(place);
      const event = repo.event(1);
      repo.write('events/elsewhere');
      save();
      remove(event);
      if (place !== '.') rmSync(join(repo.root, 'events/elsewhere'));
      save();
      expect(await found(), place).toEqual([`history_removed ${event}`]);
    }
  });

  it('in a repository with SHA-256', async () => {
    repo.remove();
    repo = new TestRepository('state', ['init', '-q', '-b', 'main', '--object-format=sha256']);
    const event = repo.event(1);
    save();
    repo.put(event, 'altered\n');
    save();
    expect(await found()).toEqual([`history_altered ${event}`]);
  });
});

describe('a day that was packed', () => {
  const archive = `archives/${DAY}.tar.gz`;
  /** An archive with these texts in place of some of the files. */
  async function pack(paths: readonly string[], texts: Record<string, string> = {}): Promise<void> {
    const entries = [...paths].sort().map((path) => ({ path, bytes: Buffer.from(texts[path] ?? `${path}\n`) }));
    mkdirSync(join(repo.state, 'archives'), { recursive: true });
    writeFileSync(join(repo.state, archive), await packArchive(DAY, entries));
  }

  it('may go from the commit that brings its archive on', async () => {
    const paths = repo.chain(1);
    save();
    await pack(paths);
    for (const path of paths.slice(0, 2)) remove(path);
    save();
    for (const path of paths.slice(2)) remove(path);
    save();
    expect(await found()).toEqual([]);
  });

  it('may be packed and not committed yet', async () => {
    const paths = repo.chain(1);
    save();
    await pack(paths);
    for (const path of paths) remove(path);
    expect(await found()).toEqual([]);
    await repo.commit();
    // What a pass commits is the archive alone: nothing is ever removed by it.
    expect(repo.lastChanges()).toEqual([`A state/${archive}`]);
    expect(await found()).toEqual([]);
  });

  it('may not go before its archive, nor with other bytes, nor what was not in it', async () => {
    const [a, b, c, d, e] = repo.chain(1) as [string, string, string, string, string];
    save();
    remove(a);
    save();
    await pack([a, b, c, d], { [b]: 'altered\n' });
    for (const path of [b, c, d, e]) remove(path);
    save();
    expect(await found()).toEqual([a, b, e].map((path) => `history_removed ${path}`).sort());
  });

  it('may not go into something that is no archive, and an archive is never removed', async () => {
    const [a, b] = repo.chain(1) as [string, string];
    save();
    repo.put(archive, 'no archive\n');
    remove(a);
    save();
    remove(archive);
    remove(b);
    save();
    expect(await found()).toEqual([`history_removed ${archive}`, `history_removed ${a}`, `history_removed ${b}`].sort());
  });
});

describe('a range', () => {
  it('is what lies behind a known commit', async () => {
    const event = repo.event(1);
    repo.event(2);
    const one = save();
    remove(event);
    const two = save();
    repo.event(3);
    save();
    expect(await verify(`${one}..HEAD`)).toMatchObject({ commits: 2, findings: [{ path: event }] });
    expect(await verify(`${two}..`)).toEqual({ commits: 1, findings: [] });
    expect(await verify(one)).toEqual({ commits: 1, findings: [{ ...(await verify()).findings[0], reason: 'history_removed' }].slice(1) });
  });

  it('shows that history was rewritten, and what is gone by it', async () => {
    const event = repo.event(1);
    const other = repo.event(2);
    save();
    repo.event(3);
    const known = save();
    repo.git(['checkout', '-q', '--orphan', 'fresh']);
    remove(event);
    repo.put(other, 'altered\n');
    save();
    repo.git(['branch', '-M', 'fresh', 'main']);
    expect(await found()).toEqual([]);
    expect(await found(`${known}..HEAD`)).toEqual([`history_altered ${other}`, `history_removed ${event}`, 'history_rewritten .'].sort());
    repo.git(['reflog', 'expire', '--expire=now', '--all']);
    repo.git(['gc', '-q', '--prune=now']);
    expect(await found(`${known}..HEAD`)).toEqual(['history_rewritten .']);
  });

  it('of nonsense is refused, options in disguise, too', async () => {
    repo.event(1);
    save();
    for (const range of ['nowhere', 'nowhere..HEAD', 'HEAD..nowhere', 'HEAD...HEAD', '--all', '--output=x..HEAD', '-x', 'HEAD:state'])
      await expect(verify(range), range).rejects.toMatchObject({ kind: 'usage' });
    expect(repo.status()).toEqual([]);
  });
});

describe('the work tree', () => {
  it.each<[string, (event: string) => void, string]>([
    ['that lost a file', (event) => remove(event), 'worktree_removed'],
    ['with other content', (event) => appendFileSync(join(repo.state, event), 'x'), 'worktree_altered'],
    [
      'with other content that the index is told not to look for',
      (event) => {
        repo.git(['update-index', '--assume-unchanged', `state/${event}`]);
        appendFileSync(join(repo.state, event), 'x');
      },
      'worktree_altered',
    ],
    [
      'without a file that the index is told to skip',
      (event) => {
        repo.git(['update-index', '--skip-worktree', `state/${event}`]);
        remove(event);
      },
      'worktree_removed',
    ],
    [
      'with other content of the same size and time',
      (event) => {
        const file = join(repo.state, event);
        const { atime, mtime } = statSync(file);
        writeFileSync(file, 'E'.repeat(statSync(file).size));
        utimesSync(file, atime, mtime);
      },
      'worktree_altered',
    ],
    [
      'with a link',
      (event) => {
        renameSync(join(repo.state, event), join(repo.place, 'moved'));
        symlinkSync(join(repo.place, 'moved'), join(repo.state, event));
      },
      'worktree_altered',
    ],
  ])('%s', async (_, alter, reason) => {
    const event = repo.event(1);
    repo.chain(2);
    save();
    alter(event);
    expect(await found()).toEqual([`${reason} ${event}`]);
  });

  it('may hold more than the last commit', async () => {
    repo.event(1);
    save();
    repo.event(2);
    expect(await found()).toEqual([]);
  });
});

describe('what cannot be looked at', () => {
  it('is said of a shallow clone, unless the range leaves out where it was cut', async () => {
    const one = repo.event(1);
    save();
    remove(one);
    save();
    repo.event(2);
    const known = save();
    repo.event(3);
    save();
    const shallow = join(repo.place, 'shallow');
    repo.git(['clone', '-q', '--depth', '2', `file://${repo.root}`, shallow]);
    const layout = new Layout(join(shallow, 'state'));
    expect((await verifyGit(layout)).findings).toMatchObject([
      { path: '.', reason: 'history_unreadable', detail: expect.stringContaining('shallow') },
    ]);
    expect((await verifyGit(layout, `${known}..HEAD`)).findings).toEqual([]);
    expect((await verifyGit(layout, `${known.replace(/^./, (c) => (c === '0' ? '1' : '0'))}..HEAD`)).findings[0]).toMatchObject({
      reason: 'history_rewritten',
      detail: expect.stringContaining('shallow'),
    });
  });

  it('is said of a damaged repository', async () => {
    repo.event(1);
    save();
    repo.event(2);
    save();
    const oid = repo.git(['rev-parse', 'HEAD~1:state']);
    rmSync(join(repo.root, '.git/objects', oid.slice(0, 2), oid.slice(2)), { force: true });
    expect(await found()).toContain('history_unreadable .');
  });

  it('is refused where there is no repository', async () => {
    const outside = join(repo.place, 'state');
    mkdirSync(outside);
    await expect(verifyGit(new Layout(outside))).rejects.toMatchObject({ kind: 'usage', hint: 'git init' });
  });
});
