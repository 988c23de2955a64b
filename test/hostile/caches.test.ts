import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findIdle } from '../../src/run/idle.ts';
import { readComplete } from '../../src/store/day-index.ts';
import { namesBelow } from '../support/hostile-things.ts';
import { catalogOf, failedRun, notifyRule, World } from '../support/world.ts';

const DAY = '2026-11-22';
/** The real clock: folders get their times from it, and the caches compare them with ours. */
const later = (): number => Date.now() + 60_000;
const catalog = catalogOf();
let world: World;

beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

const idle = (now_ms = later(), digest = catalog.digest): boolean => findIdle(world.layout, { ...catalog, digest }, now_ms) !== null;
const event = (id: string): Parameters<World['record']>[0] => [failedRun(id, { subject: `job/${id}` })];

/** Two passes: the second one finds the days unchanged for long enough to remember them. */
async function settle(): Promise<void> {
  await world.pass({ nonce: 'a', now_ms: later() });
  await world.pass({ nonce: 'b', now_ms: later() });
  expect(idle(), 'it is idle when everything is settled').toBe(true);
}

describe('nothing to do is not said while something is undone', () => {
  it('with an event that came after', async () => {
    await world.record(event('1'));
    await settle();
    await world.record(event('2'));
    expect(idle()).toBe(false);
  });

  it('with an event that came so soon after the look that a coarse clock gives it the same time', async () => {
    await world.record(event('1'));
    await world.pass({ nonce: 'a', now_ms: Date.now() });
    await world.pass({ nonce: 'b', now_ms: Date.now() });
    expect(idle(Date.now()), 'a folder that has just changed is not trusted').toBe(false);
  });

  it('with an event in a folder whose modification time was set back to what it was', async () => {
    await world.record(event('1'));
    await settle();
    const folder = world.layout.day('events', DAY);
    const reference = join(world.root, 'reference');
    writeFileSync(reference, '');
    execFileSync('touch', ['-r', folder, reference]);
    await world.record(event('2'));
    execFileSync('touch', ['-r', reference, folder]);
    expect(idle()).toBe(false);
  });

  it('with a folder from a backup that brings its old times', async () => {
    await world.record(event('1'));
    const backup = join(world.root, 'backup');
    execFileSync('cp', ['-a', world.layout.root, backup]);
    await settle();
    const cache = join(world.root, 'cache');
    execFileSync('cp', ['-a', world.layout.cache, cache]);
    rmSync(world.layout.root, { recursive: true });
    execFileSync('cp', ['-a', backup, world.layout.root]);
    rmSync(world.layout.cache, { recursive: true, force: true });
    execFileSync('cp', ['-a', cache, world.layout.cache]);
    expect(idle(), 'the cache is of another history').toBe(false);
    await world.pass({ nonce: 'c', now_ms: later() });
    expect(namesBelow(world.layout.root, 'receipts').filter((path) => path.endsWith('.json'))).toHaveLength(1);
  });

  it('with a folder that was removed and made again', async () => {
    await world.record(event('1'));
    await settle();
    rmSync(world.layout.day('decisions', DAY), { recursive: true });
    expect(idle()).toBe(false);
    mkdirSync(world.layout.day('decisions', DAY));
    expect(idle()).toBe(false);
  });

  it('with a folder that was swapped for another', async () => {
    await world.record(event('1'));
    await settle();
    const other = new World();
    try {
      await other.record(event('2'));
      renameSync(world.layout.day('events', DAY), join(world.root, 'old'));
      execFileSync('cp', ['-a', other.layout.day('events', DAY), world.layout.day('events', DAY)]);
      expect(idle()).toBe(false);
    } finally {
      other.remove();
    }
  });

  it('with a clock that was set back', async () => {
    await world.record(event('1'));
    await settle();
    await world.record(event('2'));
    expect(idle(Date.now() - 86_400_000)).toBe(false);
    await world.pass({ nonce: 'c', now_ms: Date.now() - 86_400_000 });
    expect(world.sent).toHaveLength(2);
  });

  it('with a retry that has become due, or other documents', async () => {
    await world.record(event('1'));
    const now_ms = later();
    const put = await world.pass({ nonce: 'a', now_ms, send: () => ({ kind: 'retryable', reason: 'not now' }) });
    await world.pass({ nonce: 'b', now_ms });
    const due_ms = put.nextDue_ms as number;
    expect(idle(due_ms - 1)).toBe(true);
    expect(idle(due_ms - 1, 'e'.repeat(64)), 'another catalog may bind another sender').toBe(false);
    expect(idle(due_ms)).toBe(false);
  });

  it('with an event on a new day', async () => {
    await world.record(event('1'));
    await settle();
    await world.record([failedRun('2', { subject: 'job/2', time: '2026-11-20T12:00:00.000Z' })]);
    expect(idle()).toBe(false);
  });

  it('with two passes that write down what they saw in any order', async () => {
    await world.record(event('1'));
    await settle();
    const old = readFileSync(join(world.layout.cache, 'days.json'));
    await world.record(event('2'));
    await world.pass({ nonce: 'c', now_ms: later() });
    await world.pass({ nonce: 'd', now_ms: later() });
    writeFileSync(join(world.layout.cache, 'days.json'), old);
    expect(idle(), 'the slower one knows less, and what it says fits no folder').toBe(false);
  });
});

describe('a damaged cache', () => {
  const memory = (parts: object): string =>
    JSON.stringify({
      format: 2,
      catalog: catalog.digest,
      days: { [DAY]: { mtimes: ['1', '1', '1', '1', '1'], settled: true, nextDue_ms: null, ...parts } },
    });
  const garbage = [
    '',
    '{',
    'null',
    '5',
    '[]',
    '{"format": 2}',
    '{"format": 2, "catalog": 5, "days": {}}',
    '{"format": 2, "catalog": "x", "days": null}',
    '{"format": 2, "catalog": "x", "days": [1, 2]}',
    `{"format": 2, "catalog": "x", "days": {"${DAY}": 5}}`,
    `{"format": 2, "catalog": "x", "days": {"${DAY}": null}}`,
    '{"format": 2, "catalog": "x", "days": {"__proto__": {"mtimes": [], "settled": true}}}',
    '{"__proto__": {"format": 2}, "catalog": "x", "days": {}}',
    memory({}),
    memory({ mtimes: null }),
    memory({ mtimes: [] }),
    memory({ mtimes: [1, 2, 3, 4, 5] }),
    memory({ mtimes: ['a', 'b', 'c', 'd', 'e'] }),
    memory({ settled: 'yes' }),
    memory({ nextDue_ms: 'soon' }),
    memory({ nextDue_ms: 1e300 }),
    '['.repeat(100_000),
    '\ufeff{}',
    'x'.repeat(17 * 1024 * 1024),
  ];

  it.each(garbage.map((text, i) => ({ i, text })))('days.json, number $i', async ({ text }) => {
    await world.record(event('1'));
    world.write('.cache/days.json', text);
    const report = await world.pass({ now_ms: later() });
    expect(report.receipts).toHaveLength(1);
    await world.pass({ nonce: 'b', now_ms: later() });
    expect(idle()).toBe(true);
    expect(Object.prototype).not.toHaveProperty('settled');
  });

  it('that remembers an impossible time keeps no pass from saying when it ended', async () => {
    await world.record(event('1'));
    await world.pass({ now_ms: later(), send: () => ({ kind: 'retryable', reason: 'not now' }) });
    await world.pass({ nonce: 'b', now_ms: later() });
    const path = join(world.layout.cache, 'days.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"nextDue_ms":\d+/, '"nextDue_ms":1e300'));
    await world.pass({ nonce: 'c', now_ms: later() });
    expect(readFileSync(world.layout.lastPass, 'utf8')).toMatch(/"nextDue":"20/);
  });

  it('complete/ with lines of others settles nothing', async () => {
    await world.record(event('1'));
    world.write(`.cache/complete/${DAY}`, ['=0', '__proto__', 'x'.repeat(100_000), '20261122T115900.000Z000000000000', '\u0000'].join('\n'));
    expect((await world.pass({ now_ms: later() })).receipts).toHaveLength(1);
    expect(readComplete(world.layout.cache, DAY, 1)?.size).toBeGreaterThan(0);
  });

  it('that cannot be written leaves no litter behind', async () => {
    await world.record(event('1'));
    mkdirSync(join(world.layout.cache, 'days.json', 'inner'), { recursive: true });
    for (const nonce of ['a', 'b', 'c']) await world.pass({ nonce, now_ms: later() });
    expect(readdirSync(world.layout.cache).filter((name) => name.startsWith('days.json.'))).toEqual([]);
  });

  it.each(['.cache', '.cache/complete', '.cache/believed', '.cache/raised'])(
    'is not written into a folder that a link %s leads to',
    async (folder) => {
      await world.record(event('1'));
      const outside = join(world.root, 'outside');
      mkdirSync(outside);
      mkdirSync(dirname(join(world.layout.root, folder)), { recursive: true });
      symlinkSync(outside, join(world.layout.root, folder));
      for (const nonce of ['a', 'b', 'c']) await world.pass({ nonce, now_ms: later() });
      expect(readdirSync(outside)).toEqual([]);
      expect(world.sent).toHaveLength(1);
    },
  );

  it('is not written through a link that waits under its temporary name', async () => {
    await world.record(event('1'));
    const target = join(world.root, 'precious');
    writeFileSync(target, 'precious');
    mkdirSync(world.layout.cache, { recursive: true });
    execFileSync('ln', ['-s', target, join(world.layout.cache, `days.json.${process.pid}`)]);
    await settle();
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });
});

it('a deleted cache changes nothing', async () => {
  await world.record([...event('1'), ...event('2')]);
  await settle();
  const before = namesBelow(world.layout.root);
  rmSync(world.layout.cache, { recursive: true });
  await world.pass({ nonce: 'c', now_ms: later(), catalog: catalogOf({ rules: [notifyRule()] }) });
  expect(namesBelow(world.layout.root)).toEqual(before);
  expect(existsSync(world.layout.cache)).toBe(true);
});
