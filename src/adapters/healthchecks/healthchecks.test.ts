import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Translation } from '../adapter.ts';
import { adapter } from './index.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../test/fixtures/healthchecks/${name}`, import.meta.url));
const read = (name: string): Translation => adapter.translate(fixture(name));
const document = (name: string): Record<string, unknown> => JSON.parse(fixture(name).toString());
const translate = (value: unknown): Translation => adapter.translate(Buffer.from(JSON.stringify(value)));
const told = (translation: Translation): unknown[] =>
  translation.events.map(({ type, subject, provenance, time }) => [type, subject, provenance, time ?? null]);

describe('every kind of answer, read by hand', () => {
  test.each<[string, unknown[]]>([
    [
      'checks.json',
      [
        ['run.succeeded', 'job/nightly-backup', 'asserted', '2026-11-22T03:04:05.000Z'],
        ['run.failed', 'job/export', 'observed', null],
        ['run.succeeded', 'job/sync', 'asserted', '2026-11-21T23:00:00.000Z'],
      ],
    ],
    [
      'checks-read-only.json',
      [
        ['run.succeeded', 'job/nightly-backup', 'asserted', '2026-11-22T03:04:05.000Z'],
        ['run.failed', 'job/export', 'observed', null],
      ],
    ],
    ['check-down.json', [['run.failed', 'job/export', 'observed', null]]],
    ['check-down-never.json', [['run.failed', 'job/import', 'observed', null]]],
    ['check-no-slug.json', [['run.succeeded', expect.stringMatching(/^job\/check~[0-9a-f]{12}$/), 'asserted', '2026-11-22T06:00:00.000Z']]],
    ['check-without-pings-yet.json', []],
    [
      'check-with-pings.json',
      [
        ['run.succeeded', 'job/nightly-backup', 'asserted', '2026-11-22T03:04:05.113Z'],
        ['run.progress', 'job/nightly-backup', 'asserted', '2026-11-22T03:03:30.500Z'],
        ['run.started', 'job/nightly-backup', 'asserted', '2026-11-22T03:03:02.603Z'],
        ['run.failed', 'job/nightly-backup', 'asserted', '2026-11-21T03:09:00.000Z'],
        ['run.started', 'job/nightly-backup', 'asserted', '2026-11-21T03:04:00.000Z'],
      ],
    ],
    [
      'check-with-pings-down.json',
      [
        ['run.failed', 'job/export', 'asserted', '2026-11-20T01:00:00.000Z'],
        ['run.succeeded', 'job/export', 'asserted', '2026-11-19T01:00:00.000Z'],
        ['run.failed', 'job/export', 'observed', null],
      ],
    ],
  ])('%s', (name, expected) => {
    expect(told(read(name))).toEqual(expected);
    expect(read(name).rejected).toEqual([]);
  });
});

test('a webhook that nests the check says the same as the API', () => {
  expect(read('webhook-now-check.json')).toEqual(read('check-down.json'));
});

test('a ping, whole: its run id is the run', () => {
  expect(read('check-with-pings.json').events[0]).toEqual({
    source: 'healthchecks/checks',
    id: expect.stringMatching(/^[0-9a-f]{12}:ping:6:success$/),
    type: 'run.succeeded',
    subject: 'job/nightly-backup',
    time: '2026-11-22T03:04:05.113Z',
    provenance: 'asserted',
    runid: '9c8b7a69-5847-4635-9241-302f1e0d9c8b',
    data: { summary: 'the job signalled success', ping: 6 },
  });
  expect(read('check-with-pings.json').events[3]?.runid).toBeUndefined();
});

test('down says what is known, and that it is not known why', () => {
  expect(read('check-down.json').events[0]?.data?.['summary']).toBe(
    'Healthchecks says it is down: a failure was signalled, or no success in time; last ping: 2026-11-20T01:00:00.000Z',
  );
  expect(read('check-down-never.json').events[0]?.data?.['summary']).toMatch(/last ping: never$/);
});

test('what changes between two polls of the same state changes nothing', () => {
  const check = document('check-down.json');
  const later = {
    ...check,
    name: 'Renamed',
    tags: 'x',
    n_pings: 99,
    started: true,
    next_ping: '2026-11-24T00:00:00+00:00',
    grace: 1,
    last_duration: 3,
  };
  expect(translate(later)).toEqual(translate(check));
  const { pings, ...rest } = document('check-with-pings.json') as { pings: object[] };
  // The start has left the log, the body was removed from storage: duration and link are gone.
  const pruned = pings.map((ping) => ({ ...ping, duration: undefined, body_url: null, remote_addr: null, ua: '' }));
  expect(translate({ ...rest, pings: pruned })).toEqual(read('check-with-pings.json'));
});

test('a new ping, or a new stretch of being down, is another fact', () => {
  const check = document('check-down.json');
  const ids = [
    check,
    { ...check, last_ping: '2026-11-23T01:00:00+00:00' },
    { ...check, last_ping: null },
    { ...check, uuid: '99999999-5d6e-4f70-a182-93a4b5c6d7e8' },
  ];
  expect(new Set(ids.map((one) => translate(one).events[0]?.id)).size).toBe(4);
});

test('UUIDs let anybody send pings, and stay out, as do addresses', () => {
  for (const name of ['checks.json', 'check-with-pings.json', 'check-no-slug.json', 'check-with-pings-down.json']) {
    expect(JSON.stringify(read(name))).not.toMatch(/0d6f1c2a|1e7f2d3b|2f803e4c|41a2506e|192\.0\.2|curl|hc\.example/);
  }
});

test('two checks of one slug: neither speaks for the other, and the rest goes on', () => {
  const { events, rejected } = read('hostile-same-slug.json');
  expect(events.map(({ subject }) => subject)).toEqual(['job/sync']);
  expect(rejected.map(({ where, reason }) => `${where} ${reason}`)).toEqual([
    'checks[0] more than one check has the slug of job/nightly-backup: give each a slug of its own',
    'checks[1] more than one check has the slug of job/nightly-backup: give each a slug of its own',
  ]);
});

test('one bad check never stops the others', () => {
  const { events, rejected } = read('hostile-entries.json');
  expect(events.map(({ subject }) => subject)).toEqual([expect.stringMatching(/^job\/agent-main~[0-9a-f]{12}$/), 'job/nightly-backup']);
  expect(rejected.map(({ where, reason }) => `${where} ${reason}`).sort()).toEqual([
    'checks[0] expected a check, found null',
    'checks[1] unknown status "started"; known are new, up, grace, down, paused',
    'checks[2] last_ping must be a time, found null',
    'checks[4] last_ping must be a time, found "yesterday"',
    'checks[5] a check must have a uuid, or with a read-only key a unique_key of 40 hexadecimal digits',
  ]);
});

test('one bad ping never stops the others', () => {
  const { events, rejected } = read('hostile-pings.json');
  expect(events.map(({ data }) => data?.['ping'])).toEqual([9]);
  expect(rejected.map(({ where, reason }) => `${where} ${reason}`)).toEqual([
    expect.stringMatching(/^pings\[1\] ping 8: unknown type "exploded"; known are start, success, fail, log, ign/),
    'pings[2] n must be the number of the ping, found 0',
    'pings[3] ping 7: date must be a time, found "soon"',
    'pings[4] ping 6: rid must be a UUID, found "run-1"',
    'pings[5] expected a ping, found null',
  ]);
});

describe('other documents are one rejection', () => {
  test.each([
    ['hostile-pings-alone.json', 'these are pings that do not say of which check: add them to it with `jq -s add check.json pings.json`'],
    ['hostile-flips.json', 'a list, as of flips, which says neither whose they are nor why'],
    ['hostile-error.json', 'the API answered with an error: "wrong api key"'],
  ])('%s', (name, reason) => {
    expect(read(name)).toEqual({ events: [], rejected: [{ where: 'input', reason: expect.stringContaining(reason) }] });
  });

  test('an object of something else, pings that are no list, a slug that is no text', () => {
    expect(translate({ channels: [] }).rejected[0]?.reason).toContain('this has "channels"');
    expect(translate({}).rejected[0]?.reason).toContain('an empty object');
    expect(translate({ ...document('check-down.json'), pings: 'none' }).rejected[0]?.reason).toContain('its pings are "none"');
    expect(translate({ ...document('check-down.json'), slug: null }).rejected[0]?.reason).toBe('slug must be text, found null');
  });
});
