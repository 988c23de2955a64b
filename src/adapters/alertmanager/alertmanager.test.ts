import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Translation } from '../adapter.ts';
import { adapter } from './index.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../test/fixtures/alertmanager/${name}`, import.meta.url));
const read = (name: string): Translation => adapter.translate(fixture(name));
const message = (name: string): Record<string, unknown> & { alerts: Record<string, unknown>[] } => JSON.parse(fixture(name).toString());
const translate = (document: unknown): Translation => adapter.translate(Buffer.from(JSON.stringify(document)));
/** The alert of a sample, with some fields changed. */
const alerted = (changes: object, more: object = {}): Translation => {
  const sample = message('firing.json');
  return translate({ ...sample, ...more, alerts: [{ ...sample.alerts[0], ...changes }] });
};

test('an alert that fires, whole', () => {
  expect(read('firing.json')).toEqual({
    events: [
      {
        source: 'alertmanager/webhook',
        id: '8a9f4c1b2d3e5f60:2026-11-21T02:10:30.512Z:firing',
        type: 'run.failed',
        subject: 'alert/DiskAlmostFull/8a9f4c1b2d3e5f60',
        time: '2026-11-21T02:10:30.512Z',
        severity: 'critical',
        provenance: 'observed',
        data: {
          summary: 'DiskAlmostFull is firing: instance=db1:9100, job=node, mountpoint=/var, severity=critical',
          startsAt: '2026-11-21T02:10:30.512Z',
          labels: { alertname: 'DiskAlmostFull', instance: 'db1:9100', job: 'node', mountpoint: '/var', severity: 'critical' },
        },
      },
    ],
    rejected: [],
  });
});

test('sent again, by another replica, through another route, with another value in its annotation, in another zone: the identical event', () => {
  expect(read('firing-again.json')).toEqual(read('firing.json'));
});

test('resolved is no success, and an event of its own', () => {
  const { events } = read('resolved.json');
  expect(events).toMatchObject([{ type: 'report.recovered', time: '2026-11-21T04:02:00.000Z', subject: 'alert/DiskAlmostFull/8a9f4c1b2d3e5f60' }]);
  expect(events[0]?.severity).toBeUndefined();
  expect(events[0]?.id).not.toBe(read('firing.json').events[0]?.id);
});

test('a group with both: each alert has its own state, whatever the group is called', () => {
  expect(read('mixed-group.json').events.map(({ type, subject }) => [type, subject])).toEqual([
    ['run.failed', 'alert/DiskAlmostFull/8a9f4c1b2d3e5f60'],
    ['report.recovered', 'alert/DiskAlmostFull/1122334455667788'],
  ]);
});

test('an alert that fires anew is another fact; one that resolves anew, too', () => {
  const ids = [
    alerted({}),
    alerted({ startsAt: '2026-11-22T02:10:30Z' }),
    ...['05', '06'].map((hour) => alerted({ status: 'resolved', endsAt: `2026-11-22T${hour}:00:00Z` })),
  ];
  expect(new Set(ids.map(({ events }) => events[0]?.id)).size).toBe(4);
});

describe('alerts that were left out', () => {
  test('become an event about the source, beside those that were left in', () => {
    const { events, rejected } = read('truncated.json');
    expect(rejected).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(['run.failed', 'run.failed', 'source.failing']);
    expect(events[2]).toMatchObject({
      subject: 'source/alertmanager/rgov',
      provenance: 'observed',
      data: {
        summary: expect.stringMatching(/^37 alerts of a group were left out/),
        truncatedAlerts: 37,
        receiver: 'rgov',
        groupKey: '{}:{alertname="DiskAlmostFull"}',
      },
    });
  });

  test('the same cut is the same event, in any order and zone; another one is not', () => {
    const sample = message('truncated.json');
    const cut = (changes: object): string | undefined =>
      translate({ ...sample, ...changes }).events.find(({ type }) => type === 'source.failing')?.id;
    const reversed = [...sample.alerts]
      .reverse()
      .map((alert) => ({ ...alert, startsAt: '2026-11-21T03:10:30.512+01:00', annotations: { summary: 'changed' } }));
    expect(cut({ alerts: reversed, notification_reason: 'repeat interval elapsed' })).toBe(cut({}));
    const later = sample.alerts.map((alert) => ({ ...alert, startsAt: '2026-11-25T00:00:00Z' }));
    expect(new Set([cut({}), cut({ truncatedAlerts: 38 }), cut({ groupKey: 'x' }), cut({ receiver: 'x' }), cut({ alerts: later })]).size).toBe(5);
  });

  test('are a rejection where nobody can be named, and where the number is none', () => {
    expect(read('hostile-truncated-nobody.json').rejected).toEqual([
      { where: 'truncatedAlerts', reason: expect.stringMatching(/^12 alerts were left out/) },
    ]);
    expect(read('hostile-truncated.json').rejected).toEqual([{ where: 'truncatedAlerts', reason: expect.stringContaining('found -3') }]);
    for (const truncatedAlerts of [1.5, '3', null, true, 2 ** 60]) {
      expect(alerted({}, { truncatedAlerts }), `${truncatedAlerts}`).toMatchObject({
        events: [{ type: 'run.failed' }],
        rejected: [{ where: 'truncatedAlerts' }],
      });
    }
  });
});

test('severity: only words that mean the same here', () => {
  const severityOf = (severity: unknown): unknown => alerted({ labels: { alertname: 'A', severity } }).events[0]?.severity;
  expect(['info', 'warning', 'error', 'critical'].map(severityOf)).toEqual(['info', 'warning', 'error', 'critical']);
  expect(['page', 'none', 'CRITICAL', ''].map(severityOf)).toEqual([undefined, undefined, undefined, undefined]);
});

test('the label job names what was scraped, and never makes it the subject', () => {
  expect(read('before-0.21.json').events[0]?.subject).toBe('alert/ProbeFailed/aaaabbbbccccdddd');
  expect(read('no-alertname.json').events[0]?.subject).toBe('alert/unnamed/fedcba9876543210');
  expect(read('utf8-labels.json').events[0]?.subject).toBe('alert/Füllstand Öltank/5555666677778888');
});

test('hostile names: each alert stays its own', () => {
  const subjects = read('hostile-names.json').events.map(({ subject }) => subject);
  expect(subjects).toEqual([
    expect.stringMatching(/^alert\/job-nightly-backup~[0-9a-f]{12}\/9999999999999999$/),
    'alert/DiskAlmostFull/8a9f4c1b2d3e5f60/7777777777777777',
    expect.stringMatching(/^alert\/2J-liated~[0-9a-f]{12}\/6666666666666666$/),
    expect.stringMatching(/^source\/alertmanager\/ops-\.mail~[0-9a-f]{12}$/),
  ]);
  expect(JSON.stringify(read('hostile-names.json'))).not.toMatch(/\\u001b|\u202e|x{501}/);
});

test('one bad alert never stops the others', () => {
  const { events, rejected } = read('hostile-entries.json');
  expect(events.map(({ subject }) => subject.slice(-16))).toEqual(['8a9f4c1b2d3e5f60', '1122334455667788']);
  expect(rejected.map(({ where }) => where)).toEqual([1, 2, 3, 4, 5, 6].map((index) => `alerts[${index}]`));
  expect(rejected.map(({ reason }) => reason).join('\n')).toMatch(
    /expected an alert.*\nfingerprint must be.*\n.*unknown status "suppressed".*\n.*labels must be.*\n.*startsAt must be.*\n.*endsAt of a resolved/,
  );
});

describe('other documents are one rejection', () => {
  test.each([
    ['hostile-version.json', 'its version is "1"'],
    ['hostile-custom-payload.json', 'its version is undefined'],
  ])('%s', (name, found) => {
    expect(read(name)).toEqual({ events: [], rejected: [{ where: 'input', reason: expect.stringContaining(found) }] });
  });

  test('no alerts are nothing; alerts that are no list are', () => {
    expect(read('no-alerts.json')).toEqual({ events: [], rejected: [] });
    expect(translate({ version: '4', alerts: {} }).rejected[0]?.reason).toContain('its alerts are an object');
    expect(translate([]).rejected[0]?.reason).toContain('this is a list');
  });
});
