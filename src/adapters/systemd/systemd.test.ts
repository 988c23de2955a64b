import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Translation } from '../adapter.ts';
import { readTimestamp } from './draft.ts';
import { adapter } from './index.ts';

const FOLDER = new URL('../../../test/fixtures/systemd/', import.meta.url);
const fixture = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
const translate = (text: string): Translation => adapter.translate(Buffer.from(text));
const read = (name: string): Translation => translate(fixture(name));
/** A sample with some of its lines changed; an empty value takes the line away. */
const changed = (name: string, changes: Record<string, string>): string =>
  Object.entries(changes).reduce(
    (text, [key, value]) => text.replace(new RegExp(`^${key}=.*\n`, 'm'), value === '' ? '' : `${key}=${value}\n`),
    fixture(name),
  );
const told = (text: string): unknown[] =>
  translate(text).events.map(({ type, subject, time, data }) => [type, subject, time ?? null, data?.['summary'] ?? null]);
const reasonOf = (text: string): string | undefined => {
  const { events, rejected } = translate(text);
  expect(events).toEqual([]);
  return rejected[0]?.reason;
};

describe('every kind of sample, read by hand', () => {
  const ended = '2026-11-22T03:04:05.000Z';
  test.each<[string, unknown[]]>([
    [
      'failed-exit-code.txt',
      [['run.failed', 'job/nightly-backup.service', ended, 'it ended with an exit code that stands for failure (exit code 3)']],
    ],
    ['failed-signal.txt', [['run.failed', 'job/rollup@eu-west.service', '2026-11-22T03:04:05.125Z', 'a signal killed it (signal 9)']]],
    ['failed-core-dump.txt', [['run.failed', 'job/indexer.service', ended, 'a signal killed it, and it dumped core (signal 11)']]],
    ['failed-oom-kill.txt', [['run.failed', 'job/importer.service', ended, 'memory ran out, and it was killed (signal 9)']]],
    [
      'failed-before-it-ran.txt',
      [['run.failed', 'job/export.service', '2026-11-22T03:00:00.000Z', 'systemd could not do what was needed to run it']],
    ],
    [
      'timed-out.txt',
      [['run.timed_out', 'job/nightly-backup.service', '2026-11-22T03:30:00.000Z', 'it ran into a time limit of systemd (signal 15)']],
    ],
    ['watchdog.txt', [['run.failed', 'job/gateway.service', '2026-11-22T03:30:00.000Z', 'it did not send its watchdog pings in time (signal 6)']]],
    ['start-limit-hit.txt', [['run.failed', 'job/gateway.service', null, 'it was started too often, and is not started again']]],
    ['auto-restart.txt', [['run.failed', 'job/gateway.service', ended, 'it ended with an exit code that stands for failure (exit code 70)']]],
    ['succeeded-oneshot.txt', [['run.succeeded', 'job/nightly-backup.service', ended, 'its main process ended with exit code 0']]],
    ['succeeded-remains.txt', [['run.succeeded', 'job/wg-quick@wg0.service', '2026-11-22T00:00:07.000Z', 'its main process ended with exit code 0']]],
    ['running.txt', [['run.started', 'job/gateway.service', '2026-11-22T00:00:06.000Z', null]]],
    ['starting-oneshot.txt', [['run.started', 'job/nightly-backup.service', '2026-11-22T03:00:00.000Z', null]]],
    ['never-ran.txt', []],
    ['skipped.txt', []],
    ['stopping.txt', []],
    [
      'other-kinds.txt',
      [['run.failed', expect.stringMatching(/^job\/mnt-archive-x2d2\.mount~[0-9a-f]{12}$/), '2026-11-21T20:00:09.000Z', expect.any(String)]],
    ],
    ['unix-time.txt', [['run.failed', 'job/nightly-backup.service', ended, expect.any(String)]]],
    ['local-time.txt', [['run.failed', 'job/nightly-backup.service', null, expect.any(String)]]],
  ])('%s', (name, expected) => {
    expect(told(fixture(name))).toEqual(expected);
    expect(read(name).rejected).toEqual([]);
  });
});

test('the whole draft of a failure', () => {
  expect(read('failed-exit-code.txt').events).toEqual([
    {
      source: 'systemd/units',
      id: 'cc8fdc149b2b4ca698d4f259f4054236:exit-code',
      type: 'run.failed',
      subject: 'job/nightly-backup.service',
      time: '2026-11-22T03:04:05.000Z',
      provenance: 'observed',
      runid: 'cc8fdc149b2b4ca698d4f259f4054236',
      data: {
        summary: 'it ended with an exit code that stands for failure (exit code 3)',
        unit: 'nightly-backup.service',
        result: 'exit-code',
        ended: 'exit code 3',
      },
    },
  ]);
});

test('all properties or those that are asked for, other line ends, another order: the same event', () => {
  const event = read('failed-exit-code.txt');
  expect(read('whole-unit.txt')).toEqual(event);
  expect(read('unix-time.txt')).toEqual(event);
  expect(translate(fixture('failed-exit-code.txt').split('\n').reverse().join('\n'))).toEqual(event);
  expect(read('line-ends-of-windows.txt')).toEqual(read('failed-signal.txt'));
});

test('what changes between two polls of the same state changes nothing', () => {
  const again = changed('whole-unit.txt', {
    NRestarts: '7',
    Description: 'Renamed',
    StateChangeTimestamp: 'Mon 2026-11-23 00:00:00 UTC',
    SubState: 'failed-or-so',
  });
  expect(translate(again)).toEqual(read('whole-unit.txt'));
  const running = changed('running.txt', { ActiveState: 'reloading', SubState: 'reload', ExecMainCode: '1' });
  expect(translate(running)).toEqual(read('running.txt'));
});

test('command line and environment stay out', () => {
  expect(JSON.stringify(read('whole-unit.txt'))).not.toMatch(/hunter2|s3cr3t|GREETING|ledger/);
});

test('several units, each by itself', () => {
  expect(read('several-units.txt').events.map(({ type, subject }) => `${type} ${subject}`)).toEqual([
    'run.failed job/nightly-backup.service',
    'run.started job/gateway.service',
    'run.succeeded job/export.service',
  ]);
});

test('one bad unit never stops the others', () => {
  const { events, rejected } = read('hostile-units.txt');
  expect(events.map(({ subject }) => subject)).toEqual(['job/rollup@eu-west.service']);
  expect(rejected.map(({ where, reason }) => `${where}: ${reason}`)).toEqual([
    expect.stringMatching(/^unit 1: Id= is missing/),
    expect.stringMatching(/^unit 3: "gateway.service": unknown ActiveState "hibernating"/),
    expect.stringMatching(/^unit 4: Id= must be the name of a unit, found "..\/..\/agent\/main"/),
    expect.stringMatching(/^unit 5: "importer.service": InvocationID= must be 32 hexadecimal digits/),
    expect.stringMatching(/^unit 6: "gateway.service": SubState= is missing/),
    expect.stringMatching(/^unit 7: .*by signal "15": stopped, counted as clean/),
    expect.stringMatching(/^unit 8: .*stands twice in one unit/),
    expect.stringMatching(/^unit 9: .*ActiveState=failed and Result=success contradict each other/),
  ]);
});

describe('Result=success is not enough', () => {
  test('a unit that does not exist, and one whose failure was reset', () => {
    expect(reasonOf(fixture('hostile-not-found.txt'))).toContain('there may be no such unit');
    expect(reasonOf(fixture('hostile-reset-failed.txt'))).toContain('success is not proved by that');
  });

  test.each([
    [{ ExecMainCode: '0', ExecMainStatus: '0' }, 'no main process is known'],
    [{ ExecMainStatus: '75' }, 'exit code "75"'],
    [{ ExecMainCode: '' }, 'ExecMainCode= and ExecMainStatus= are missing'],
    [{ ExecMainStatus: '' }, 'ExecMainCode= and ExecMainStatus= are missing'],
    [{ Result: '' }, 'Result= is missing'],
    [{ InvocationID: '', LoadState: '' }, 'it has not run, if it exists at all'],
    [{ ActiveState: '' }, 'ActiveState= is missing'],
    [{ LoadState: 'masked' }, 'not loaded (LoadState="masked")'],
  ])('%j', (changes, reason) => {
    expect(reasonOf(changed('succeeded-oneshot.txt', changes as Record<string, string>))).toContain(reason);
  });

  test('a failure is one even where the file of the unit is gone, and in words that are new', () => {
    expect(told(changed('failed-exit-code.txt', { LoadState: 'not-found' }))).toHaveLength(1);
    expect(told(changed('failed-exit-code.txt', { Result: 'gone-missing' }))).toMatchObject([
      ['run.failed', 'job/nightly-backup.service', '2026-11-22T03:04:05.000Z', 'systemd calls it failed: gone-missing (exit code 3)'],
    ]);
    expect(told(changed('failed-exit-code.txt', { Result: '' }))).toMatchObject([
      ['run.failed', 'job/nightly-backup.service', '2026-11-22T03:04:05.000Z', 'systemd calls it failed (exit code 3)'],
    ]);
    expect(reasonOf(changed('failed-exit-code.txt', { Result: '\u001b[2J' }))).toContain('unknown Result');
  });
});

describe('line breaks within a value', () => {
  test('cannot forge another unit', () => {
    expect(fixture('hostile-forged-unit.txt')).toContain('\n\nResult=success');
    expect(reasonOf(fixture('hostile-forged-unit.txt'))).toMatch(/^several units with ExecStart=, .*; ask with systemctl show -p Id,LoadState/);
  });

  test('cannot forge a property of the unit itself', () => {
    expect(reasonOf(fixture('hostile-forged-property.txt'))).toBe('Result= stands twice in one unit');
  });

  test('do no harm where they forge nothing', () => {
    const multiline = fixture('whole-unit.txt').replace('--password hunter2', '--note one\n\ntwo\n three');
    expect(translate(multiline)).toEqual(read('whole-unit.txt'));
  });
});

describe('other input is one rejection', () => {
  test.each([
    ['hostile-no-manager.txt', /line 1 is "System has not been booted/],
    ['hostile-status.txt', /line 1 is "● nightly-backup.service/],
  ])('%s', (name, reason) => {
    expect(read(name)).toEqual({ events: [], rejected: [{ where: 'input', reason: expect.stringMatching(reason) }] });
  });

  test('nothing at all is said, too: systemctl prints nothing where there is no manager', () => {
    expect(reasonOf('')).toContain('there is nothing here');
    expect(reasonOf('\n\n')).toContain('there is nothing here');
  });
});

test.each([
  ['Sun 2026-11-22 03:04:05 UTC', '2026-11-22T03:04:05.000Z'],
  ['Sun 2026-11-22 03:04:05.999999 UTC', '2026-11-22T03:04:05.999Z'],
  ['@1795316645', '2026-11-22T03:04:05.000Z'],
  ['@1795316645.5', '2026-11-22T03:04:05.500Z'],
  ['Sun 2026-11-22 03:04:05 CST', null],
  ['Sun 2026-02-30 03:04:05 UTC', null],
  ['n/a', null],
  ['@0', null],
  ['@99999999999', '5138-11-16T09:46:39.000Z'],
  ['', null],
])('the time %j', (text, expected) => {
  const ms = readTimestamp(text);
  expect(ms === null ? null : new Date(ms).toISOString()).toBe(expected);
});
