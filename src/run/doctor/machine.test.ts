import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, type watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Patient, problems } from '../../../test/support/doctor.ts';
import { Layout } from '../../store/layout.ts';
import { recordPass } from '../last-pass.ts';
import { checkClock } from './clock.ts';
import { checkFileSystem } from './file-system.ts';
import { checkIgnored } from './ignored.ts';
import { checkNode } from './node.ts';
import { checkRoom } from './room.ts';
import { checkStateFolder } from './state-folder.ts';
import { checkWatching } from './watching.ts';

const EXT4 = 0xef53;

let patient: Patient;
let root = '';
let layout: Layout;

beforeEach(() => {
  patient = new Patient();
  ({ root, layout } = patient);
});

afterEach(() => patient.remove());

const errno = (code: string): Error => Object.assign(new Error(code), { code });

describe('node', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '22.20.1', '24.16.0'])('%s is taken', (version) => {
    expect(checkNode(version).status).toBe('ok');
  });

  it.each(['18.20.0', '20.18.9', '21.7.0', '22.11.9'])('%s is not', (version) => {
    expect(problems(checkNode(version))).toEqual([expect.stringContaining(`this is Node ${version}`)]);
  });
});

describe('file system', () => {
  const real = { open: undefined, link: undefined, rename: undefined, fsync: undefined, typeOf: () => EXT4 };
  const calls = (worse: object): Parameters<typeof checkFileSystem>[1] => {
    const { openSync, linkSync, renameSync, fsyncSync } = process.getBuiltinModule('node:fs');
    return { ...real, open: (path, flags) => openSync(path, flags), link: linkSync, rename: renameSync, fsync: fsyncSync, ...worse };
  };

  it('a good one passes, and the trial leaves nothing behind', () => {
    expect(checkFileSystem(layout.root, calls({}))).toMatchObject({ status: 'ok', findings: [] });
    expect(readdirSync(layout.root)).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['memory', { typeOf: () => 0x01021994 }, /tmpfs, which is memory/],
    ['memory with a sign', { typeOf: () => 0x858458f6 | 0 }, /ramfs, which is memory/],
    [
      'no hard links',
      {
        link: () => {
          throw errno('EPERM');
        },
      },
      /no hard links.*EPERM/,
    ],
    ['links that are copies', { link: (from: string, to: string) => writeFileSync(to, from) }, /no hard links.*one name only/],
    [
      'no exclusive create',
      { open: (path: string) => process.getBuiltinModule('node:fs').openSync(path, existsSync(path) ? 'r' : 'w') },
      /two processes could send the same notice/,
    ],
    [
      'no rename',
      {
        rename: () => {
          throw errno('ENOSYS');
        },
      },
      /cannot be renamed \(ENOSYS\)/,
    ],
    [
      'no fsync',
      {
        fsync: () => {
          throw errno('EINVAL');
        },
      },
      /written and synced.*EINVAL/,
    ],
  ])('%s is noticed', (_, worse, problem) => {
    const result = checkFileSystem(layout.root, calls(worse));
    expect(problems(result).join('\n')).toMatch(problem);
    expect(result.findings.every(({ mend }) => mend !== '')).toBe(true);
    expect(readdirSync(layout.root)).toEqual([]);
  });
});

describe('room', () => {
  it('little of it is a finding', () => {
    expect(checkRoom('/x', { freeBytes: 1e9, freeFiles: null }).status).toBe('ok');
    expect(problems(checkRoom('/x', { freeBytes: 5 * 1024 * 1024, freeFiles: 9_999 }))).toEqual([
      'only 5 MiB are free where state lies',
      'only 9999 more files can be made where state lies',
    ]);
    expect(checkRoom(root).detail).toMatch(/MiB free/);
  });
});

describe('clock', () => {
  it('one that agrees passes', () => {
    expect(checkClock(layout.root, layout).status).toBe('ok');
    expect(readdirSync(layout.root)).toEqual([]);
  });

  it('a file server with another clock is noticed', () => {
    expect(problems(checkClock(layout.root, layout, () => Date.now() + 60_000))).toEqual([expect.stringContaining('behind the one of this machine')]);
  });

  it('a pass that was recorded in the future is noticed', () => {
    const later = Date.now() + 3_600_000;
    recordPass(layout, later, later, null);
    expect(problems(checkClock(layout.root, layout))).toEqual([expect.stringMatching(/the last pass is recorded 1h in the future|59m/)]);
  });
});

describe('watching', () => {
  it('is tried out', async () => {
    expect(problems(await checkWatching(layout.root)).filter((problem) => !problem.startsWith('fs.inotify'))).toEqual([]);
    expect(readdirSync(layout.root)).toEqual([]);
  });

  it('a limit that is used up is noticed', async () => {
    const result = await checkWatching(layout.root, (() => {
      throw errno('ENOSPC');
    }) as typeof watch);
    expect(result.findings[0]).toMatchObject({ problem: expect.stringContaining('ENOSPC'), mend: expect.stringContaining('max_user_watches') });
  });
});

describe('state', () => {
  it('a folder of ours passes, and so does one that is not there yet', () => {
    expect(checkStateFolder(layout).status).toBe('ok');
    expect(checkStateFolder(new Layout(join(root, 'none'))).detail).toContain('not there yet');
  });

  it('a link, somebody else, and everybody are noticed', () => {
    symlinkSync(layout.root, join(root, 'link'));
    expect(problems(checkStateFolder(new Layout(join(root, 'link'))))).toEqual([expect.stringContaining('is a symbolic link')]);
    expect(problems(checkStateFolder(layout, (process.getuid?.() ?? 0) + 1))).toEqual([expect.stringContaining('belongs to user')]);
    mkdirSync(join(layout.root, 'events'));
    chmodSync(join(layout.root, 'events'), 0o777);
    expect(problems(checkStateFolder(layout))).toEqual([expect.stringMatching(/everybody on this machine may write to .*events/)]);
  });
});

describe('git', () => {
  const git = (...args: string[]): void => void execFileSync('git', args, { cwd: root, stdio: 'ignore' });

  it('outside of a work tree there is nothing to say', async () => {
    expect(await checkIgnored(layout, root)).toMatchObject({ status: 'ok', detail: expect.stringContaining('not lie in a work tree') });
  });

  it('a rule that hides artifacts is named, and so are files of the machine that would be committed', async () => {
    git('init', '-q');
    expect(problems(await checkIgnored(layout, root))).toEqual([
      expect.stringMatching(/machine's own: \.tmp\/ \.cache\/ \.owners\/ \.pass\.json \.bell/),
    ]);
    writeFileSync(join(root, '.gitignore'), '/state/.*\n*.json\n');
    expect(problems(await checkIgnored(layout, root))).toEqual([expect.stringContaining('.gitignore:2:*.json')]);
    writeFileSync(join(root, '.gitignore'), '/state/.*\n');
    expect((await checkIgnored(layout, root)).status).toBe('ok');
  });
});
