import { closeSync, mkdirSync, openSync, readdirSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OBEYED_BY_TERMINALS, Place, PROGRAM } from '../support/cli.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const CAPTURES = readdirSync(join(FIXTURES, 'openclaw')).filter((name) => name.includes('tasks-list') && name.endsWith('.json'));

let place: Place;
beforeEach(async () => {
  place = await Place.initialised();
});
afterEach(() => place.remove());

const ingest = (...args: string[]) => place.rgov(['ingest', ...args]);
const event = (id: string, more = {}) =>
  JSON.stringify({ specversion: '1.0', id, source: 'test', type: 'run.failed', subject: `job/${id}`, time: '2026-11-22T03:00:00Z', ...more });

it('reads standard input, a dash, files and pipes alike', async () => {
  const input = event('1');
  place.write('one.json', input);
  const names = new Set<string>();
  for (const script of [
    'rgov ingest cloudevents',
    'rgov ingest cloudevents -',
    'rgov ingest cloudevents one.json',
    'rgov ingest cloudevents /dev/stdin',
  ]) {
    const ran = await place.sh(`cat one.json | ${script}`);
    expect(ran, script).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(names.size === 0 ? /^recorded/ : /^0 events recorded, 1 known before$/m);
    names.add(Object.keys(place.state()).join());
  }
  expect(names.size).toBe(1);
});

it('records what is good, says what is not, and ends with 1', async () => {
  place.write(
    'mixed.ndjson',
    [event('1'), 'not json', event('2'), '{"specversion":"1.0"}', event('3', { subject: '../../x' }), event('4'), ''].join('\n'),
  );
  const ran = await ingest('cloudevents', 'mixed.ndjson');
  expect(ran.code).toBe(1);
  expect(place.transcript('rgov ingest cloudevents mixed.ndjson', ran)).toMatchSnapshot();
  expect(
    place
      .artifacts('events')
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['1', '2', '4']);
  const before = place.state();
  expect((await ingest('cloudevents', 'mixed.ndjson')).stdout).toContain('0 events recorded, 3 known before');
  expect(place.state()).toEqual(before);
});

it('other content under a known source and id is a conflict, and the first stays', async () => {
  place.write('one.json', event('1'));
  place.write('other.json', event('1', { type: 'run.succeeded' }));
  expect((await ingest('cloudevents', 'one.json', 'other.json')).code).toBe(1);
  expect(place.artifacts('events')).toMatchObject([{ type: 'run.failed' }]);
});

describe('input that cannot be read', () => {
  it('that is not there is exit code 3', async () => {
    const ran = await ingest('cloudevents', 'nowhere.json');
    expect(ran.code).toBe(3);
    expect(place.transcript('rgov ingest cloudevents nowhere.json', ran)).toMatchSnapshot();
  });

  it('a folder, a device and a dangling link are said to be what they are', async () => {
    mkdirSync(place.ws('folder'));
    symlinkSync('nowhere', place.ws('dangling'));
    for (const path of ['folder', '/dev/zero', 'dangling']) {
      const ran = await ingest('cloudevents', path);
      expect(ran, path).toMatchObject({ code: 3, stdout: '' });
      expect(ran.stderr).toContain(path);
    }
  });

  it('a pipe without a writer is empty, not a wait for ever', async () => {
    const ran = await place.sh(`mkfifo pipe; timeout 3 '${process.execPath}' '${PROGRAM}' ingest cloudevents pipe`);
    expect(ran.code).toBeLessThan(4);
  });

  it('more than 64 MiB is refused whole', async () => {
    const file = openSync(place.ws('large.ndjson'), 'w');
    writeSync(file, `${event('1')}\n`);
    for (let i = 0; i < 65; i++) writeSync(file, Buffer.alloc(1024 * 1024, 0x0a));
    closeSync(file);
    for (const script of ['rgov ingest cloudevents large.ndjson', 'rgov ingest cloudevents < large.ndjson']) {
      const ran = await place.sh(script);
      expect(ran.code).toBe(2);
      expect(ran.stderr).toContain('is larger than 67108864 bytes');
    }
    expect(place.state()).toEqual({});
  });

  it.each([
    ['nothing at all', ''],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['half a document', '{"specversion":"1.0","id":'],
    ['100,000 levels', '['.repeat(100_000)],
    ['a number', '42'],
    ['a forbidden key', '{"__proto__":{"polluted":true},"specversion":"1.0"}'],
  ])('%s is no crash', async (_what, input) => {
    for (const adapter of ['cloudevents', 'openclaw']) {
      const ran = await place.rgov(['ingest', adapter], { input });
      expect(ran.code).toBe(1);
      expect(ran.stdout).toMatch(/^rejected/);
      expect(ran.stdout.length).toBeLessThan(2_000);
    }
    expect(place.state()).toEqual({});
  });

  it('an event of 100 MB', async () => {
    const ran = await place.sh(`{ printf '{"data":"'; head -c 100000000 /dev/zero | tr '\\0' x; printf '"}'; } | rgov ingest cloudevents`);
    expect(ran.code).toBe(2);
    expect(place.state()).toEqual({});
  });
});

it('what it shows of its input is harmless', async () => {
  const nasty = 'a\u001b[2J\u009b2J\u202eb';
  place.write(
    `in\u001b[2Jput.ndjson`,
    [event('1', { subject: nasty }), event(nasty), event('2', { type: nasty }), nasty, event('3', { data: { summary: nasty } })].join('\n'),
  );
  for (const more of [[], ['--json']]) {
    const ran = await ingest('cloudevents', `in\u001b[2Jput.ndjson`, `no\u001b[2J`, ...more);
    expect(ran.stdout + ran.stderr).not.toMatch(OBEYED_BY_TERMINALS);
  }
});

describe('real captures of OpenClaw', () => {
  it('there are some', () => expect(CAPTURES.length).toBeGreaterThanOrEqual(8));

  it.each(CAPTURES)('%s twice gives the same files', async (name) => {
    const path = join(FIXTURES, 'openclaw', name);
    const first = await ingest('openclaw', path);
    expect(first, first.stdout).toMatchObject({ code: 0, stderr: '' });
    const files = place.state();
    expect(place.normal(first.stdout).replaceAll(FIXTURES, '<fixtures>')).toMatchSnapshot();
    expect((await place.sh(`rgov ingest openclaw < '${path}'`)).stdout).toMatch(/^0 events recorded/);
    expect(place.state()).toEqual(files);
  });
});
