import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PassSchedule } from '../../src/model/catalog.ts';
import { cron } from '../../src/run/activate/cron/index.ts';
import { cronExpression } from '../../src/run/activate/cron-expression.ts';
import { activateKind } from '../../src/run/activate/index.ts';
import { machineZone } from '../../src/run/activate/machine-zone.ts';
import { resolvedSender } from '../support/world.ts';
import { Grounds } from './site.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('the fields', () => {
  const by = (zone: string, least_ms = 60_000) => ({ name: 'cron', zone, least_ms });
  const every = (every_ms: number): PassSchedule => ({ kind: 'every', every_ms });
  const at = (text: string, timezone = 'UTC'): PassSchedule => ({ kind: 'cron', cron: text, timezone });
  const fields = (schedule: PassSchedule, zone = 'UTC'): string => cronExpression(schedule, by(zone), NOW).fields;
  const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

  it.each([
    [MINUTE, '* * * * *'],
    [5 * MINUTE, '*/5 * * * *'],
    [30 * MINUTE, '*/30 * * * *'],
    [HOUR, '0 * * * *'],
    [6 * HOUR, '0 */6 * * *'],
    [DAY, '0 0 * * *'],
    [7 * DAY, '0 0 * * 0'],
  ])('an interval of %d ms is said just so', (ms, expected) => {
    expect(cronExpression(every(ms), by('Europe/Berlin'), NOW)).toEqual({ fields: expected, warnings: [] });
  });

  it.each([
    [90_000, '* * * * *', '1m'],
    [7 * MINUTE, '*/6 * * * *', '6m'],
    [45 * MINUTE, '*/30 * * * *', '30m'],
    [5 * HOUR, '0 */4 * * *', '4h'],
    [30 * HOUR, '0 0 * * *', '1d'],
  ])('one of %d ms is rounded down, and it is said', (ms, expected, words) => {
    expect(cronExpression(every(ms), by('UTC'), NOW)).toEqual({ fields: expected, warnings: [expect.stringContaining(`rounded down to ${words}`)] });
  });

  it('one below a minute is refused', () => {
    expect(() => fields(every(59_000))).toThrow(/at most every 1m/);
  });

  it('more often than its reader goes is refused, however it is said', () => {
    const slow = by('UTC', 300_000);
    for (const schedule of [every(60_000), at('*/4 * * * *'), at('0,3 * * * *')])
      expect(() => cronExpression(schedule, slow, NOW)).toThrow(/at most every 5m/);
    expect(cronExpression(at('0,5 * * * *'), slow, NOW).fields).toBe('0,5 * * * *');
  });

  it.each([
    ['0 3 * * *', '0 3 * * *'],
    ['@hourly', '0 * * * *'],
    ['0 */10 * * * *', '*/10 * * * *'],
    ['5,35 8-18 * jan-MAR mon-fri', '5,35 8-18 * 1-3 1-5'],
    ['0 0 1-7 * 1', '0 0 1-7 * 1'],
  ])('%s becomes %s', (text, expected) => {
    expect(fields(at(text))).toBe(expected);
  });

  it.each(['30 * * * * *', '0 0 L * *', '0 0 * * 5#2', '0 0 */2 * 1'])('%s is refused', (text) => {
    expect(() => fields(at(text))).toThrow(/cron cannot do/);
  });

  it.each([
    ['0 3 * * *', 'Europe/Berlin', 'UTC'],
    ['0 3 * * *', 'Europe/London', 'UTC'],
    ['0 * * * *', 'Asia/Kolkata', 'UTC'],
  ])('%s in %s is refused on a machine in %s', (text, zone, machine) => {
    expect(() => fields(at(text, zone), machine)).toThrow(/cron goes by/);
  });

  it.each([
    ['*/5 * * * *', 'UTC', 'Europe/Berlin'],
    ['*/15 * * * *', 'Asia/Kolkata', 'UTC'],
    ['0 * * * *', 'America/New_York', 'UTC'],
    ['0 3 * * *', 'Europe/Berlin', 'Europe/Paris'],
  ])('%s in %s is the same on a machine in %s', (text, zone, machine) => {
    expect(fields(at(text, zone), machine)).toBe(text);
  });
});

/** Keeps a table as the real one does, for a machine whose own table is nobody's business. */
const CRONTAB = `#!/bin/sh
case "$1" in
-l) test -f "$TABLE" || { echo "no crontab for $USER" >&2; exit 1; }; cat "$TABLE" ;;
-r) rm "$TABLE" ;;
-) cat >"$TABLE" ;;
esac
`;

let grounds: Grounds;
let env: Record<string, string>;
beforeEach(() => {
  grounds = new Grounds();
  mkdirSync(grounds.path('bin'));
  writeFileSync(grounds.path('bin/crontab'), CRONTAB);
  chmodSync(grounds.path('bin/crontab'), 0o755);
  env = { PATH: `${grounds.path('bin')}:/usr/bin:/bin`, TABLE: grounds.path('table') };
});
afterEach(() => grounds.remove());

const table = (): string => (existsSync(grounds.path('table')) ? readFileSync(grounds.path('table'), 'latin1') : '');

describe('the block', () => {
  it('is put in, checked and taken out, and the rest stays to the byte', async () => {
    const before = 'MAILTO=ops\n# \xff tabs\t\n\n0 1 * * * true %\n';
    writeFileSync(grounds.path('table'), before, 'latin1');
    const site = grounds.site({}, { env });
    expect(await activateKind(cron, site, { mode: 'check' })).toMatchObject({ ok: false });
    expect(await activateKind(cron, site, { mode: 'write' })).toMatchObject({ ok: true, warnings: [] });
    expect(table().startsWith(before)).toBe(true);
    expect(await activateKind(cron, site, { mode: 'check' })).toMatchObject({ ok: true });
    writeFileSync(grounds.path('table'), table().replace('reconcile --quiet', 'reconcile --quieT'), 'latin1');
    expect(await activateKind(cron, site, { mode: 'check' })).toMatchObject({ ok: false, pieces: [{ found: 'changed', byHand: true }] });
    expect(await activateKind(cron, site, { mode: 'remove', force: true })).toMatchObject({ ok: true });
    expect(table()).toBe(before);
  });

  it('two workspaces and two bindings have one each', async () => {
    const sites = [grounds.site({}, { env }), grounds.site({}, { name: 'other', env }), grounds.site({ binding: 'second' }, { env })];
    for (const site of sites) await activateKind(cron, site, { mode: 'write' });
    for (const site of sites) expect(await activateKind(cron, site, { mode: 'check' })).toMatchObject({ ok: true });
    expect(table().match(/^\*\/5 /gm)).toHaveLength(3);
    for (const site of sites) await activateKind(cron, site, { mode: 'remove' });
    expect(table()).toBe('');
  });

  it.each(['a b', `quote'd`, '100%', 'a"b$c`d\\e', 'ünï'])('names a workspace called %s in a way that a shell reads back', async (name) => {
    const site = grounds.site({}, { name, env });
    await activateKind(cron, site, { mode: 'write' });
    const line = table().split('\n')[1] ?? '';
    // As cron does: an escaped percent sign becomes one, and a shell reads the rest.
    const command = Buffer.from(line.slice('*/5 * * * * '.length), 'latin1').toString().replaceAll('\\%', '%');
    expect(command).not.toMatch(/(?<!\\)%(?=.*\n)/);
    const words = spawnSync('sh', ['-c', `set -- ${command}; printf '%s\\n' "$@"`], { encoding: 'utf8' })
      .stdout.trimEnd()
      .split('\n');
    expect(words).toEqual([
      '/usr/bin/env',
      expect.stringMatching(/^PATH=.*:\/usr\/bin:/),
      `HOME=${grounds.home}`,
      process.execPath,
      expect.stringMatching(/\/dist\/rgov\.cjs$/),
      '-C',
      grounds.path(name),
      '--binding',
      'default',
      'reconcile',
      '--quiet',
    ]);
  });

  it('a workspace whose path holds a newline is refused', () => {
    expect(() => grounds.site({}, { name: 'a\nb', env })).toThrow(/control character/);
  });

  it('no secret is written, and one from the environment is warned of', async () => {
    const senders = { hook: resolvedSender({ config: { url: { env: 'HOOK_URL' } } }) };
    const report = await activateKind(cron, grounds.site({ senders }, { env: { ...env, HOOK_URL: 'https://hunter2' } }), { mode: 'print' });
    expect(report.warnings).toEqual([expect.stringContaining('{env: HOOK_URL}')]);
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });

  it('programs that only this PATH leads to are on the PATH of the pass', async () => {
    writeFileSync(grounds.path('bin/probe'), '#!/bin/sh\n', { mode: 0o755 });
    const sources = [{ name: 's', adapter: 'cloudevents', from: { kind: 'command' as const, argv: ['probe'] } }];
    const site = grounds.site({ sources: sources as never }, { env });
    expect(site.path.split(':')[0]).toBe(grounds.path('bin'));
    // Whoever looks from within a pass comes to the same.
    expect(grounds.site({ sources: sources as never }, { env: { ...env, PATH: site.path } }).path).toBe(site.path);
  });

  it('without a schedule there is nothing to install, and still something to take out', async () => {
    await activateKind(cron, grounds.site({}, { env }), { mode: 'write' });
    const site = grounds.site({ schedule: null }, { env });
    for (const mode of ['print', 'write', 'check'] as const)
      await expect(activateKind(cron, site, { mode })).rejects.toMatchObject({
        kind: 'usage',
        hint: expect.stringContaining('schedule: { every: 5m }'),
      });
    expect(await activateKind(cron, site, { mode: 'remove' })).toMatchObject({ ok: true, pieces: [{ done: 'removed' }] });
    expect(table()).toBe('');
  });

  it.each([
    ['exit 1', /cannot be read/],
    ['printf "* * * * * a\\\\\\\\r\\n"', /carriage returns/],
    ['test "$1" = -l || { echo no >&2; exit 1; }', /refuses the new table/],
    ['case $1 in -l) echo "# x" ;; -) cat >/dev/null ;; esac', /is not what was put in/],
  ])('a crontab that does `%s` is not trusted', async (script, message) => {
    writeFileSync(grounds.path('bin/crontab'), `#!/bin/sh\n${script}\n`);
    await expect(activateKind(cron, grounds.site({}, { env }), { mode: 'write' })).rejects.toMatchObject({
      kind: 'state_io',
      message: expect.stringMatching(message),
    });
  });

  it('a table that sets a zone of its own is warned of', async () => {
    writeFileSync(grounds.path('table'), '#CRON_TZ=x\n');
    expect((await activateKind(cron, grounds.site({}, { env }), { mode: 'print' })).warnings).toEqual([]);
    writeFileSync(grounds.path('table'), 'CRON_TZ = Asia/Tokyo\n');
    expect((await activateKind(cron, grounds.site({}, { env }), { mode: 'print' })).warnings).toEqual([expect.stringContaining('CRON_TZ')]);
  });

  it('no crontab at all is said', async () => {
    const site = grounds.site({}, { env: { PATH: grounds.path('nowhere') } });
    await expect(activateKind(cron, site, { mode: 'write' })).rejects.toMatchObject({ message: expect.stringContaining('no program crontab') });
    expect(await activateKind(cron, site, { mode: 'print' })).toMatchObject({ pieces: [{ found: 'unknown' }] });
  });
});

describe('the zone of the machine', () => {
  it('is the name behind the link, or UTC', () => {
    expect(machineZone(grounds.path('none'), grounds.path('none'))).toBe('UTC');
    expect(machineZone('/usr/share/zoneinfo/Etc/UTC')).toBe('UTC');
    writeFileSync(grounds.path('localtime'), 'copied');
    writeFileSync(grounds.path('timezone'), 'Europe/Berlin\n');
    expect(machineZone(grounds.path('localtime'), grounds.path('timezone'))).toBe('Europe/Berlin');
  });
});
