import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sensesOf } from '../../src/run/senses.ts';
import { expectationOf } from '../support/expectations.ts';
import { accept, catalogOf, NOON_MS, notifyRule, World } from '../support/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
  mkdirSync(world.layout.inbox, { recursive: true });
});
afterEach(() => world.remove());

const event = (id: string, parts: object = {}): string =>
  JSON.stringify({ specversion: '1.0', id, source: 'drops', type: 'run.failed', subject: `job/${id}`, time: '2026-11-22T11:58:00.000Z', ...parts });
const inbox = (): string[] => readdirSync(world.layout.inbox).sort();
const subjects = (): string[] =>
  Object.entries(world.files())
    .filter(([path]) => path.startsWith('events/'))
    .map(([, text]) => (JSON.parse(text) as { subject: string }).subject)
    .sort();

it('a drop that takes the place of another one while that is answered is not lost', async () => {
  world.drop('same.json', event('first'));
  await world.pass({
    send: (attempt) => {
      if (attempt.notice.subject === 'job/first') world.drop('same.json', event('second'));
      return accept(attempt);
    },
  });
  await world.pass({ nonce: 'next' });
  expect(subjects()).toEqual(['job/first', 'job/second']);
  expect(inbox()).toEqual([]);
});

it('a bad drop that a good one replaces is not taken for it', async () => {
  world.drop('good.json', event('first'));
  world.drop('same.json', '{"half');
  await world.pass({
    send: (attempt) => {
      world.drop('same.json', event('second'));
      return accept(attempt);
    },
  });
  await world.pass({ nonce: 'next' });
  expect(subjects()).toEqual(['job/first', 'job/second']);
});

it('a name that is not UTF-8 goes into quarantine', async () => {
  writeFileSync(join(world.root, 'outside'), event('x'));
  renameSync(join(world.root, 'outside'), Buffer.concat([Buffer.from(`${world.layout.inbox}/`), Buffer.from([0xff]), Buffer.from('.json')]));
  const { quarantined } = await world.pass();
  expect(quarantined).toMatchObject([{ reason: 'name_invalid' }]);
  expect(inbox()).toEqual([]);
});

it('bad drops beyond what one look takes are all moved aside in one pass', async () => {
  for (let i = 0; i < 1_050; i++) writeFileSync(join(world.layout.inbox, `bad-${i}`), 'x');
  world.drop('zz.json', event('last'));
  const { quarantined } = await world.pass();
  expect(quarantined.length).toBe(1_050);
  expect(subjects()).toEqual(['job/last']);
});

it('a drop folder that is a link is not followed, and each pass says so until it is put right', async () => {
  const outside = join(world.root, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious'), 'precious');
  writeFileSync(join(outside, 'event.json'), event('x'));
  rmSync(world.layout.inbox, { recursive: true });
  symlinkSync(outside, world.layout.inbox);
  for (const nonce of ['a', 'b', 'c']) {
    const { failures, quarantined } = await world.pass({ nonce });
    expect(failures).toEqual([expect.stringContaining('a symbolic link, which is not followed, stands where the folder')]);
    expect(quarantined).toEqual([]);
  }
  expect(readdirSync(outside).sort()).toEqual(['event.json', 'precious']);
  rmSync(world.layout.inbox);
  mkdirSync(world.layout.inbox);
  world.drop('x.json', event('x'));
  expect((await world.pass({ nonce: 'd' })).failures).toEqual([]);
  expect(subjects()).toEqual(['job/x']);
});

it('nobody outside speaks for the watchdog', async () => {
  const forged = { source: 'rgov/watchdog', type: 'report.overdue', data: { expectation: 'unattended-work/backup-reports-nightly' } };
  world.drop('forged.json', event('forged', forged));
  const { quarantined } = await world.pass();
  expect(quarantined).toMatchObject([{ detail: expect.stringContaining("the watchdog's own") }]);
  expect(subjects()).toEqual([]);
});

it('what was told before a process began to watch is not told again by it', async () => {
  const catalog = catalogOf({ rules: [notifyRule({ dedupe: { key: 'event.subject', window: '1h', window_ms: 3_600_000 } })] });
  const time = (minute: number): string => `2026-11-22T11:${minute}:00.000Z`;
  world.drop('a.json', event('a', { subject: 'job/x', time: time(40) }));
  await world.pass({ catalog });
  const senses = sensesOf({ root: world.root, layout: world.layout, catalog }, true);
  await world.pass({ catalog, senses, nonce: 'watch' });
  // An old event must not make it forget the newer ones either.
  world.drop('old.json', event('old', { subject: 'job/y', time: '2026-11-19T11:00:00.000Z' }));
  await world.pass({ catalog, senses, nonce: 'watch' });
  world.drop('b.json', event('b', { subject: 'job/x', time: time(50) }));
  await world.pass({ catalog, senses, nonce: 'watch' });
  expect(world.sent.map(({ notice }) => notice.subject)).toEqual(['job/x', 'job/y']);
});

it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('a subject called %s is watched like any other', async (subject) => {
  const catalog = catalogOf({
    expectations: [
      expectationOf({
        subject: '*',
        due: { kind: 'every', every_ms: 3_600_000, grace_ms: 0 },
        produces: { path: 'none', newerThan: 'start', minBytes: 1, grace_ms: 0 },
      }),
      expectationOf({ id: 'runs', subject: '*', due: { kind: 'after', after: 'run.started', within_ms: 3_600_000 }, expect: ['run.progress'] }),
    ],
  });
  await world.pass({ catalog, now_ms: NOON_MS - 60_000 });
  world.drop('a.json', event('a', { subject, type: 'run.started', time: '2026-11-22T12:00:00.000Z' }));
  world.drop('b.json', event('b', { subject: `${subject}`, type: 'run.succeeded', time: '2026-11-22T12:00:00.000Z', runid: 'constructor' }));
  await world.pass({ catalog, nonce: 'two' });
  const { raised } = await world.pass({ catalog, nonce: 'three', now_ms: NOON_MS + 7_200_000 });
  expect(raised.map((item) => [item.type, item.subject])).toEqual([
    ['report.overdue', subject],
    ['report.overdue', subject],
  ]);
});

describe('the memory of the watchdog', () => {
  const catalog = catalogOf({ expectations: [expectationOf({ due: { kind: 'every', every_ms: 3_600_000, grace_ms: 0 } })] });
  const file = (): string => join(world.layout.cache, 'watchdog-default');

  it.each([
    ['text in place of tracks', (text: string) => text.replace(/"tracks":\[\[.*?\]\]/, '"tracks":"x"')],
    ['numbers in place of names', (text: string) => text.replace(/"tracks":\[\[.*?\]\]/, '"tracks":[[1,2,3]]')],
    ['another time', (text: string) => text.replace(/\d{13}/, '1')],
    ['nothing', () => ''],
    ['half of it', (text: string) => text.slice(0, text.length / 2)],
    ['other JSON', () => '{"format":3,"days":{},"state":{"a":1}}'],
  ])('that somebody has touched is made anew: %s', async (_, damage) => {
    await world.record([
      { source: 't', id: '1', type: 'run.succeeded', subject: 'job/nightly-backup', time: '2026-11-22T11:00:00.000Z', provenance: 'observed' },
    ]);
    await world.pass({ catalog });
    const before = readFileSync(file(), 'utf8');
    writeFileSync(file(), damage(before));
    expect(readFileSync(file(), 'utf8')).not.toBe(before);
    const { raised, nextDue_ms } = await world.pass({ catalog, nonce: 'next', now_ms: NOON_MS + 7_200_000 });
    expect(raised.map(({ type }) => type)).toEqual(['report.overdue']);
    expect(nextDue_ms).toBeNull();
  });
});
