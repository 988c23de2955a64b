import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Patient, problems } from '../../../test/support/doctor.ts';
import { catalogOf } from '../../../test/support/world.ts';
import type { Catalog } from '../../model/catalog.ts';
import type { Probe, SenderKind } from '../../senders/sender.ts';
import type { Layout } from '../../store/layout.ts';
import { recordPass } from '../last-pass.ts';
import { checkSchedule } from './schedule.ts';
import { checkSecrets } from './secrets.ts';
import { checkSenders } from './senders.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

let patient: Patient;
let root = '';
let layout: Layout;

beforeEach(() => {
  patient = new Patient();
  ({ root, layout } = patient);
});

afterEach(() => patient.remove());

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
