import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MAX_EVENT_BYTES } from '../../model/event.ts';
import type { Translation } from '../adapter.ts';
import { adapter } from './index.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../test/fixtures/cloudevents/${name}`, import.meta.url));
const translate = (input: unknown): Translation => adapter.translate(Buffer.from(typeof input === 'string' ? input : JSON.stringify(input)));
const MINIMAL = { specversion: '1.0', id: '1', source: '/host/a', type: 'run.started', subject: 'agent/main' };
const reasonOf = (changes: object): string | undefined => translate({ ...MINIMAL, ...changes }).rejected[0]?.reason;
const draftOf = (changes: object) => {
  const { events, rejected } = translate({ ...MINIMAL, ...changes });
  expect(rejected).toEqual([]);
  return events[0];
};

test('a single event: everything that is valid is honoured, recordedtime is ours', () => {
  expect(adapter.translate(fixture('single.json'))).toEqual({
    events: [
      {
        source: 'https://backup.example/nightly',
        id: 'backup-2026-11-22',
        type: 'run.failed',
        subject: 'job/nightly-backup',
        time: '2026-11-22T04:00:00.5+01:00',
        severity: 'critical',
        provenance: 'observed',
        runid: 'r-17',
        extensions: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
        data: { summary: 'disk full', exit: 28, tail: ['a', null, { b: [] }] },
      },
    ],
    rejected: [],
  });
});

test('a batch: payloads that are no object are wrapped', () => {
  const { events, rejected } = adapter.translate(fixture('batch.json'));
  expect(rejected).toEqual([]);
  expect(events.map((event) => event.data)).toEqual([
    undefined,
    { value: '<much wow="xml"/>', contentType: 'text/xml' },
    { value: null },
    { base64: 'iVBORw0KGgo=', contentType: 'image/png' },
    { value: [1, 'two'] },
  ]);
  expect(events.map((event) => event.provenance)).toEqual(Array(5).fill('asserted'));
  expect(events[2]?.extensions).toEqual({ attempt: 3, final: false });
  expect(events[4]?.dataschema).toBe('https://example.com/schema');
});

describe('one event per line', () => {
  test('blank lines do not count as events, but as lines', () => {
    const { events, rejected } = adapter.translate(Buffer.concat([fixture('stream.ndjson'), Buffer.from('\r\n{"id":\n')]));
    expect(events.map((event) => event.id)).toEqual(['l1', 'l2']);
    expect(rejected).toEqual([{ where: 'line 5', reason: expect.stringContaining('not JSON') }]);
  });

  test('a line with bytes that are not UTF-8, a duplicate key or another specversion spoils only itself', () => {
    const good = `${JSON.stringify(MINIMAL)}\n`;
    const input = Buffer.concat([
      Buffer.from(good),
      Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
      Buffer.from('{"id":"a","id":"b"}\n'),
      Buffer.from(good.replace('1.0', '0.3')),
      Buffer.from('[]\n'),
      Buffer.from(good),
    ]);
    const { events, rejected } = adapter.translate(input);
    expect(events).toHaveLength(2);
    expect(rejected.map(({ where }) => where)).toEqual(['line 2', 'line 3', 'line 4', 'line 5']);
    expect(rejected.map(({ reason }) => reason).join('\n')).toMatch(/UTF-8.*\n.*twice.*\n.*specversion must be "1.0", found "0.3"\n.*found a list/);
  });

  test('lines that are all bad keep their numbers; one document that was cut off is one reason', () => {
    expect(translate('{"a"\n{"b"\n').rejected.map(({ where }) => where)).toEqual(['line 1', 'line 2']);
    expect(translate(JSON.stringify(MINIMAL, null, 2).slice(0, -5)).rejected).toEqual([{ where: 'input', reason: expect.any(String) }]);
  });
});

test('an element of a batch is rejected by its index, the rest goes on; an empty batch is fine', () => {
  const { events, rejected } = translate([MINIMAL, null, { ...MINIMAL, id: '' }, MINIMAL]);
  expect(events).toHaveLength(2);
  expect(rejected.map(({ where }) => where)).toEqual(['[1]', '[2]']);
  expect(translate([])).toEqual({ events: [], rejected: [] });
});

describe('attributes', () => {
  test.each([
    [{ specversion: '0.3' }, 'specversion must be "1.0", found "0.3"'],
    [{ specversion: 1 }, 'specversion must be "1.0", found 1'],
    [{ id: null }, 'id is missing'],
    [{ id: 7 }, 'id must be text that is not empty, found 7'],
    [{ id: 'x'.repeat(513) }, 'id has 513 characters; at most 512 are allowed'],
    [{ id: 'a\u0000b' }, 'id holds control characters or broken Unicode'],
    [{ id: '\ud800' }, 'id holds control characters or broken Unicode'],
    [{ source: '' }, 'source must be text that is not empty, found ""'],
    [{ source: 'my laptop' }, 'source must be a URI reference, found "my laptop"'],
    [{ type: 'a/b' }, 'type may hold letters, digits, dots, dashes and underscores, found "a/b"'],
    [{ subject: undefined }, 'subject is missing: CloudEvents may go without one, here it says who owes the report, as in job/nightly-backup'],
    [{ subject: null }, 'subject is missing: CloudEvents may go without one, here it says who owes the report, as in job/nightly-backup'],
    [{ subject: '../etc' }, 'subject must be words between slashes, as in job/nightly-backup, found "../etc"'],
    [{ time: '2026-02-30T00:00:00Z' }, 'time must be RFC 3339, as in 2026-11-22T03:00:00Z, found "2026-02-30T00:00:00Z"'],
    [{ time: 1795351317060 }, 'time must be text that is not empty, found 1795351317060'],
    [{ severity: 'eror' }, 'severity must be one of info, warning, error, critical, found "eror"; did you mean error?'],
    [{ severity: 3 }, 'severity must be one of info, warning, error, critical, found 3'],
    [{ provenance: 'rumoured' }, 'provenance must be one of observed, asserted, derived, found "rumoured"'],
    [{ specVersion: '1.0' }, '"specVersion" is no attribute name: 1 to 20 of a-z and 0-9; did you mean specversion?'],
    [{ some_name: 1 }, '"some_name" is no attribute name: 1 to 20 of a-z and 0-9'],
    [{ abcdefghijklmnopqrstu: 1 }, '"abcdefghijklmnopqrstu" is no attribute name: 1 to 20 of a-z and 0-9'],
    [{ ext: 1.5 }, 'ext must be text without controls, a 32-bit integer or a boolean, found 1.5'],
    [{ ext: 2_147_483_648 }, 'ext must be text without controls, a 32-bit integer or a boolean, found 2147483648'],
    [{ ext: {} }, 'ext must be text without controls, a 32-bit integer or a boolean, found an object'],
    [{ ext: '\u001b[2J' }, 'ext must be text without controls, a 32-bit integer or a boolean, found "\ufffd[2J"'],
  ])('%j is refused', (changes, reason) => {
    expect(reasonOf(changes)).toBe(reason);
  });

  test('all problems are told at once', () => {
    expect(reasonOf({ id: null, type: '', severity: 'bad' })?.split('; ')).toHaveLength(3);
  });

  test('null means absent', () => {
    const nothing = {
      time: null,
      severity: null,
      provenance: null,
      runid: null,
      dataschema: null,
      datacontenttype: null,
      data_base64: null,
      ext: null,
    };
    expect(draftOf(nothing)).toEqual(draftOf({}));
  });
});

describe('payloads', () => {
  test.each([
    [{ data: {} }, {}],
    [{ data: 'text' }, { value: 'text' }],
    [{ data: 0 }, { value: 0 }],
    [{ data: { a: 1 }, datacontenttype: 'application/vnd.x+json; v=1' }, { a: 1 }],
    [{ data: '{"a":1}', datacontenttype: 'TEXT/JSON' }, { value: '{"a":1}' }],
    [
      { data: 'a,b', datacontenttype: 'text/csv' },
      { value: 'a,b', contentType: 'text/csv' },
    ],
    [{ data_base64: '' }, { base64: '' }],
    [{ datacontenttype: 'text/csv' }, undefined],
  ])('%j', (changes, data) => {
    expect(draftOf(changes)?.data).toEqual(data);
  });

  test('refused: both kinds at once, Base64 that is none, an object that claims to be XML', () => {
    expect(reasonOf({ data: null, data_base64: 'AA==' })).toBe('data and data_base64 exclude each other');
    expect(reasonOf({ data_base64: 'A' })).toBe('data_base64 must be Base64 text, found "A"');
    expect(reasonOf({ data: {}, datacontenttype: 'text/xml' })).toBe('datacontenttype is "text/xml", so data must be text; found an object');
  });
});

test('an event that would be too large is refused with its size; one of 64 KiB, which CloudEvents recommends to accept, is not', () => {
  expect(reasonOf({ data: 'x'.repeat(MAX_EVENT_BYTES) })).toMatch(/^the event would be 262\d{3} bytes long; at most 262144 are allowed$/);
  expect(draftOf({ data: 'x'.repeat(64 * 1024) })).toBeDefined();
});

test('Base64 of a size that no pattern should be run on is refused by its length', () => {
  expect(reasonOf({ data_base64: 'A'.repeat(60_000_000) })).toBe('data_base64 has 60000000 bytes; an event may have 262144');
});

test('a payload that only wrapping nests too deeply is refused, because nobody could read it again', () => {
  const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
  expect(reasonOf({ data: nested(63) })).toMatch(/could not be read again: nested more than 64/);
  expect(draftOf({ data: nested(62) })).toBeDefined();
});
