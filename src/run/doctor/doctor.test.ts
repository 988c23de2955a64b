import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, type watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogOf } from '../../../test/support/world.ts';
import type { Catalog } from '../../model/catalog.ts';
import type { Probe, SenderKind } from '../../senders/sender.ts';
import { Layout } from '../../store/layout.ts';
import { recordPass } from '../last-pass.ts';
import type { CheckResult } from './check.ts';
import { checkClock } from './clock.ts';
import { checkFileSystem } from './file-system.ts';
import { checkIgnored } from './ignored.ts';
import { checkNode } from './node.ts';
import { checkRoom } from './room.ts';
import { checkSchedule } from './schedule.ts';
import { checkSecrets } from './secrets.ts';
import { checkSenders } from './senders.ts';
import { checkStateFolder } from './state-folder.ts';
import { checkWatching } from './watching.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const EXT4 = 0xef53;

let root = '';
let layout: Layout;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rgov-doctor-test-'));
  layout = new Layout(join(root, 'state'));
  mkdirSync(layout.root, { mode: 0o755 });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const problems = ({ findings }: CheckResult): string[] => findings.map(({ problem }) => problem);
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

describe('secrets', () => {
  const workspaceWith = (config: object): Parameters<typeof checkSecrets>[0] => ({
    root,
    layout,
    catalog: { senders: { hook: { name: 'hook', config } }, heartbeat: null, acknowledge: null, seal: null } as unknown as Catalog,
  });

  it('what is there passes, and is not shown', () => {
    writeFileSync(join(root, 'token'), 'hunter2', { mode: 0o600 });
    const result = checkSecrets(workspaceWith({ a: { file: 'token' }, b: [{ c: { env: 'TOKEN' } }] }), { TOKEN: 'hunter3' });
    expect(result).toMatchObject({ status: 'ok', detail: '2 of the binding, all there' });
    expect(JSON.stringify(result)).not.toContain('hunter');
  });

  it('what is missing, and what everybody can read, is named with who needs it', () => {
    writeFileSync(join(root, 'token'), 'hunter2');
    chmodSync(join(root, 'token'), 0o644);
    const result = checkSecrets(workspaceWith({ a: { file: 'token' }, b: { env: 'TOKEN' }, c: { file: 'gone' } }), {});
    expect(result.findings.at(-1)?.mend).toBe(`(umask 077; mkdir -p ${root}; cat > ${join(root, 'gone')})   and paste it`);
    expect(problems(result)).toEqual([
      'sender hook: everybody on this machine can read token',
      'sender hook: the environment variable TOKEN is not set',
      'sender hook: the secret file gone cannot be read: ENOENT',
    ]);
  });
});

describe('senders', () => {
  const targets = { a: { sender: 'one' }, b: { sender: 'one' }, c: { sender: 'one', address: 'x' }, d: { sender: 'two' } };
  const senders = {
    one: { name: 'one', kind: 'loud', bridge: 'process' },
    two: { name: 'two', kind: 'mute' },
    unused: { name: 'unused', kind: 'loud' },
  };
  const workspace = (): Parameters<typeof checkSenders>[0] => ({ root, catalog: { targets, senders } as unknown as Catalog });
  const kinds = (probe: Probe): Record<string, SenderKind> =>
    ({ loud: { kind: 'loud', probe }, mute: { kind: 'mute', notProbed: 'it comes by itself' } }) as unknown as Record<string, SenderKind>;

  it('are asked once for each address that a target uses them with', async () => {
    const asked: unknown[] = [];
    const result = await checkSenders(workspace(), {
      kinds: kinds(async ({ address }) => {
        asked.push(address);
        return { reached: true, saw: `it is at ${address}` };
      }),
    });
    expect(asked).toEqual([undefined, 'x']);
    expect(result).toMatchObject({
      status: 'ok',
      detail: 'one (loud, to a): it is at undefined; one (loud, to c): it is at x; two (mute, to d): nothing to reach: it comes by itself',
    });
  });

  it('are named with what is amiss, and with whose bridge sends', async () => {
    const result = await checkSenders(workspace(), { kinds: kinds(async () => ({ reached: false, problem: 'it is gone', mend: 'look' })) });
    expect(problems(result)).toEqual(['one (loud, to a): it is gone', 'one (loud, to c): it is gone']);
    expect(result.findings[0]?.mend).toBe('look; run this as the user whom its bridge runs as');
  });

  it('are not waited for, even where one does not heed the end of its time', async () => {
    const result = await checkSenders(workspace(), { kinds: kinds(() => new Promise(() => {})), limit_ms: 20 });
    expect(problems(result)).toEqual([
      expect.stringContaining('one (loud, to a): no answer within'),
      expect.stringContaining('one (loud, to c): no answer within'),
    ]);
  });
});

describe('schedule', () => {
  const workspaceWith = (gapAfter_ms: number | null, schedule: Catalog['schedule'] = null): Parameters<typeof checkSchedule>[0] => ({
    root,
    layout,
    catalog: { gapAfter_ms, schedule } as Catalog,
  });
  const EVERY = { kind: 'every' as const, every_ms: 20_000 };
  const check = (workspace: Parameters<typeof checkSchedule>[0], held: string[] = []) =>
    checkSchedule(workspace, NOW, async () => ({ held, suggested: 'cron' }));

  it('no pass at all is noticed, with and without a schedule', async () => {
    expect(problems(await check(workspaceWith(60_000, EVERY)))).toEqual([expect.stringContaining('nothing runs it')]);
    expect(problems(await check(workspaceWith(60_000)))).toEqual([expect.stringContaining('nothing runs it')]);
    expect(problems(await check(workspaceWith(null)))).toEqual([expect.stringContaining('nobody is told of anything')]);
  });

  it('passes that were missed are noticed, and those that were not are fine', async () => {
    recordPass(layout, NOW - 120_000, NOW - 120_000, null);
    expect(problems(await check(workspaceWith(60_000)))).toEqual([expect.stringContaining('passes were missed')]);
    expect((await check(workspaceWith(180_000), ['the crontab of alice'])).detail).toBe('the last pass completed 2m ago');
    const { status, detail } = await check(workspaceWith(180_000));
    expect(status).toBe('ok');
    expect(detail).toMatch(/^the last pass completed 2m ago; neither the crontab .* nobody here can tell whether another follows$/);
    expect((await check(workspaceWith(null))).status).toBe('ok');
  });

  it('a schedule that no activation runs is told how it gets one; one that is installed, where to look', async () => {
    expect((await check(workspaceWith(60_000, EVERY))).findings).toEqual([
      { check: 'schedule', problem: expect.stringContaining('neither the crontab'), mend: expect.stringMatching(/^rgov activate --as cron --write/) },
    ]);
    expect((await check(workspaceWith(60_000, EVERY), ['the crontab of alice'])).findings).toEqual([
      {
        check: 'schedule',
        problem: expect.stringContaining('although it is installed (the crontab of alice)'),
        mend: expect.stringContaining('rgov reconcile'),
      },
    ]);
  });

  it('what is installed is looked for, whatever was installed', async () => {
    const { installedHere } = await import('../activate/installed.ts');
    const { activateKind } = await import('../activate/index.ts');
    const { systemd } = await import('../activate/systemd/index.ts');
    const { siteOf } = await import('../activate/site.ts');
    const workspace = { root, layout, catalog: catalogOf({ schedule: EVERY }) };
    expect((await installedHere(workspace)).held).toEqual([]);
    const config = process.env['XDG_CONFIG_HOME'];
    process.env['XDG_CONFIG_HOME'] = join(root, 'config');
    try {
      await activateKind(systemd, siteOf(workspace, { watch: true, scope: 'user' }), { mode: 'write' });
      expect((await installedHere(workspace)).held).toEqual([expect.stringMatching(/rgov-default-.*\.service$/), expect.stringMatching(/\.wants/)]);
    } finally {
      if (config === undefined) delete process.env['XDG_CONFIG_HOME'];
      else process.env['XDG_CONFIG_HOME'] = config;
    }
  });
});
