import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalog, PassSchedule } from '../../src/model/catalog.ts';
import { compileSchedule } from '../../src/model/schedule.ts';
import { activateKind } from '../../src/run/activate/index.ts';
import { calendarsOf } from '../../src/run/activate/systemd/calendar.ts';
import { systemd } from '../../src/run/activate/systemd/index.ts';
import { resolvedSender } from '../support/world.ts';
import { Grounds } from './site.ts';

const ANALYZE = 'systemd-analyze';
const isHere = spawnSync(ANALYZE, ['--version']).status === 0;

let grounds: Grounds;
beforeEach(() => {
  grounds = new Grounds();
});
afterEach(() => grounds.remove());

const fileSender = { inbox: resolvedSender({ name: 'inbox', kind: 'file', config: { directory: './notices' } }) };
const commandSender = { pager: resolvedSender({ name: 'pager', kind: 'command', config: { argv: ['/usr/bin/true'] } }) };

/** Every unit of an activation, by the end of its name. */
async function unitsOf(
  parts: Partial<Catalog>,
  options: Parameters<Grounds['site']>[1] = {},
): Promise<{ text: (end: string) => string; warnings: string[]; names: string[] }> {
  const report = await activateKind(systemd, grounds.site({ senders: fileSender, ...parts }, { scope: 'system', ...options }), { mode: 'print' });
  const text = (end: string): string => report.pieces.find(({ where }) => where.endsWith(end))?.text ?? '';
  return { text, warnings: report.warnings, names: report.pieces.map(({ where }) => where) };
}

/** What systemd itself says of units, put where they may lie for once. */
function verify(units: Record<string, string>): { status: number | null; said: string } {
  const folder = grounds.path('units');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(units)) writeFileSync(join(folder, name), text);
  const { status, stdout, stderr } = spawnSync(ANALYZE, ['verify', '--man=no', ...Object.keys(units).map((name) => join(folder, name))], {
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

describe.runIf(isHere)('systemd itself', () => {
  it.each<[string, Partial<Catalog>, Parameters<Grounds['site']>[1]]>([
    ['an interval', {}, {}],
    ['a name of many signs', {}, { name: `a b%n'"$HOME\\x` }],
    ['two calendars', { schedule: { kind: 'cron', cron: '0,30 3 1 * mon', timezone: 'Europe/Berlin' } }, {}],
    ['a watcher', {}, { watch: true }],
    ['programs of the operator', { senders: commandSender }, {}],
    ['an environment file', { activation: { systemd: { environmentFile: '/etc/rgov 100%', user: 'daemon' } } }, {}],
    ['an owner that is not root', {}, { scope: 'user' }],
  ])('accepts the units of %s', async (_, parts, options) => {
    const { names, text } = await unitsOf(parts, options);
    const units = Object.fromEntries(names.filter((name) => !name.includes('.wants/')).map((name) => [basename(name), text(basename(name))]));
    expect(Object.keys(units).length).toBe(options?.watch ? 1 : 2);
    expect(verify(units)).toEqual({ status: 0, said: '' });
  });

  it('would say so if one were wrong', async () => {
    const { names, text } = await unitsOf({});
    const name = basename(names[0] as string);
    expect(verify({ [name]: text(name).replace('ProtectSystem=strict', 'ProtectSystem=strickt') }).said).toContain('strickt');
  });

  it('reads the words of the command as they were meant', async () => {
    const name = `a b%n'"$HOME\\x`;
    const { text } = await unitsOf({}, { name });
    const line = /^ExecStart=(.*)$/m.exec(text('.service'))?.[1] ?? '';
    // systemd.syntax(7) and systemd.service(5), read backwards.
    const quoted = /-C "(.*)" --binding/.exec(line)?.[1] ?? '';
    expect(quoted.replace(/\\(.)/g, '$1').replaceAll('%%', '%').replaceAll('$$', '$')).toBe(grounds.path(name));
  });

  it.each([
    ['*/5 * * * *', 'UTC'],
    ['0 3 * * *', 'Europe/Berlin'],
    ['15,45 8-18/2 * * 1-5', 'America/New_York'],
    ['0 0 * * 5-7', 'UTC'],
    ['30 0 4 * * *', 'Asia/Kolkata'],
    ['0 12 L * *', 'UTC'],
    ['0 0 1 1,7 *', 'UTC'],
    ['@weekly', 'UTC'],
  ])('comes to the same times by its calendar as we do by %s in %s', (cron, timezone) => {
    const [calendar] = calendarsOf(cron, timezone) as [string];
    const { stdout, stderr } = spawnSync(ANALYZE, ['calendar', '--iterations=6', '--base-time=2026-06-10 12:00:00 UTC', calendar], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    const theirs = [...stdout.matchAll(/(?:Next elapse|Iter\. #\d+): \w+ (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/g)].map(
      ([, day, time]) => `${day}T${time}.000Z`,
    );
    const compiled = compileSchedule(cron, timezone);
    const ours: string[] = [];
    for (let at = Date.parse('2026-06-10T12:00:00Z'); compiled.ok && ours.length < 6; ) {
      at = compiled.schedule.next(at) as number;
      ours.push(new Date(at).toISOString());
    }
    expect(theirs, stderr).toEqual(ours);
  });

  it('finds little to say against what runs no programs', async () => {
    const { names, text } = await unitsOf({}, {});
    const name = basename(names[0] as string);
    verify({ [name]: text(name) });
    const { stdout } = spawnSync(ANALYZE, ['security', '--offline=true', grounds.path('units', name)], { encoding: 'utf8' });
    const exposure = Number(/Overall exposure level for .*: (\d+\.\d)/.exec(stdout)?.[1]);
    expect(exposure).toBeLessThan(4);
  });
});

describe('the units', () => {
  it('say when, by whom, with what environment', async () => {
    const { text, names } = await unitsOf({});
    expect(names.map((name) => name.replace(/[0-9a-f]{8}/, 'HASH'))).toEqual([
      '/etc/systemd/system/rgov-default-HASH.service',
      '/etc/systemd/system/rgov-default-HASH.timer',
      '/etc/systemd/system/timers.target.wants/rgov-default-HASH.timer',
    ]);
    expect(text('.service')).toMatch(/^Type=oneshot$/m);
    expect(text('.service')).toMatch(/^Environment="PATH=.*:\/usr\/bin:.*"$/m);
    expect(text('.service')).toContain(`ReadWritePaths="-${grounds.path('ws')}"\n`);
    expect(text('.timer')).toMatch(/^OnUnitActiveSec=300$/m);
    const calendar = await unitsOf({ schedule: { kind: 'cron', cron: '0 3 * * *', timezone: 'Europe/Berlin' } });
    expect(calendar.text('.timer')).toMatch(/^OnCalendar=\*-\*-\* 03:00:00 Europe\/Berlin\nOnCalendar=|^Persistent=true$/m);
  });

  it.each<[string, Partial<Catalog>, RegExp, RegExp | null]>([
    [
      'folders beyond the workspace may be written',
      {
        senders: { i: resolvedSender({ name: 'i', kind: 'file', config: { directory: '/srv/notices' } }) },
        heartbeat: { kind: 'file', to: '/run/beat/rgov', every_ms: 1 },
      },
      /ReadWritePaths="-\/srv\/notices"\nReadWritePaths="-\/run\/beat"/,
      null,
    ],
    ['a state elsewhere may be written', { state: '/var/lib/rgov' }, /ReadWritePaths="-/, null],
    [
      'secrets at home may be read',
      { senders: { h: resolvedSender({ config: { secret: { file: '/home/alice/secret' } } }) } },
      /ProtectHome=read-only/,
      /ProtectHome=yes/,
    ],
    [
      'programs of the operator are not held back',
      { senders: commandSender },
      /ProtectSystem=full/,
      /NoNewPrivileges|SystemCallFilter|ProtectSystem=strict/,
    ],
    [
      'so are those of sources and secrets',
      { senders: { h: resolvedSender({ config: { secret: { command: ['pass', 'show'] } } }) } },
      /ProtectSystem=full/,
      /NoNewPrivileges/,
    ],
  ])('%s', async (_, parts, has, hasNot) => {
    const { text } = await unitsOf(parts);
    expect(text('.service')).toMatch(has);
    if (hasNot !== null) expect(text('.service')).not.toMatch(hasNot);
  });

  it('hold no secret, and say which one does not reach them', async () => {
    const senders = { hook: resolvedSender({ config: { url: { env: 'HOOK_URL' } } }) };
    const env = { HOOK_URL: 'https://hunter2' };
    const bare = await unitsOf({ senders }, { env });
    expect(bare.warnings.join()).toContain('{env: HOOK_URL}');
    const filed = await unitsOf({ senders, activation: { systemd: { environmentFile: '/etc/rgov.env' } } }, { env });
    expect(filed.text('.service')).toContain('EnvironmentFile=/etc/rgov.env\n');
    expect(filed.warnings.join()).not.toContain('HOOK_URL');
    expect(bare.text('.service') + filed.text('.service')).not.toContain('hunter2');
  });

  it('what a timer cannot say is refused', async () => {
    const schedule: PassSchedule = { kind: 'cron', cron: '0 0 * * 5#2', timezone: 'UTC' };
    await expect(unitsOf({ schedule })).rejects.toMatchObject({ kind: 'usage', hint: expect.stringContaining('--watch') });
    expect((await unitsOf({ schedule }, { watch: true })).text('.service')).toContain('Restart=on-failure');
    await expect(unitsOf({ schedule: null })).rejects.toMatchObject({ hint: expect.stringContaining('schedule: { every: 5m }') });
  });
});

it('a timer becomes a watcher and goes, and what others put there stays', async () => {
  const env = { XDG_CONFIG_HOME: grounds.path('config') };
  const units = grounds.path('config/systemd/user');
  mkdirSync(units, { recursive: true });
  writeFileSync(join(units, 'theirs.service'), 'theirs');
  const site = (watch: boolean) => grounds.site({ senders: fileSender }, { scope: 'user', watch, env });
  const below = (): string[] =>
    readdirSync(units, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.includes('.service') || name.includes('.timer'))
      .map((name) => name.replace(/[0-9a-f]{8}/, 'HASH'))
      .sort();

  await activateKind(systemd, site(false), { mode: 'write' });
  expect(below()).toEqual(['rgov-default-HASH.service', 'rgov-default-HASH.timer', 'theirs.service', 'timers.target.wants/rgov-default-HASH.timer']);
  expect(await activateKind(systemd, site(false), { mode: 'check' })).toMatchObject({ ok: true });
  const drifted = await activateKind(systemd, site(true), { mode: 'check' });
  expect(drifted.pieces.map(({ found }) => found)).toEqual(['changed', 'missing', 'leftover', 'leftover']);
  await activateKind(systemd, site(true), { mode: 'write' });
  expect(below()).toEqual(['default.target.wants/rgov-default-HASH.service', 'rgov-default-HASH.service', 'theirs.service']);
  expect(await activateKind(systemd, site(true), { mode: 'check' })).toMatchObject({ ok: true });
  // Whatever it was installed as.
  await activateKind(systemd, site(false), { mode: 'remove' });
  expect(below()).toEqual(['theirs.service']);
  expect(readFileSync(join(units, 'theirs.service'), 'utf8')).toBe('theirs');
});
