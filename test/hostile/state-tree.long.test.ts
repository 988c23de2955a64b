import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRoot, namesBelow, OUTSIDE, skipBecause, THINGS } from '../support/hostile-things.ts';
import { failedRun, NOON_MS, World } from '../support/world.ts';

const DAY = '2026-11-22';
let world: World;

beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

const good = failedRun('good', { subject: 'job/good' });
const victim = failedRun('victim', { subject: 'job/victim' });

/** The names of the victim's chain, learned in a world where nothing goes wrong. */
async function victimPaths(): Promise<string[]> {
  const calm = new World();
  try {
    await calm.record([victim]);
    await calm.pass();
    return calm.paths();
  } finally {
    calm.remove();
  }
}

const receiptsOf = (subjectHash: string): string[] =>
  namesBelow(world.layout.root).filter((path) => path.startsWith('receipts/') && path.includes(subjectHash));
const goodNotice = (): string[] => world.sent.filter(({ notice }) => notice.subject === 'job/good').map(({ idempotencyKey }) => idempotencyKey);

/** Puts the thing where the path says, and whatever is missing above it. */
async function put(path: string, thing: (typeof THINGS)[number]): Promise<void> {
  const full = join(world.layout.root, path);
  rmSync(full, { recursive: true, force: true });
  mkdirSync(dirname(full), { recursive: true });
  await thing.put(full);
}

async function passesUntilQuiet(): Promise<void> {
  await world.pass({ nonce: 'a' });
  await world.pass({ nonce: 'b', now_ms: NOON_MS + 60_000 });
  const before = namesBelow(world.layout.root);
  const report = await world.pass({ nonce: 'c', now_ms: NOON_MS + 120_000 });
  expect(report.quarantined, 'nothing is found again and again').toEqual([]);
  expect(namesBelow(world.layout.root)).toEqual(before);
}

const isBad = (thing: (typeof THINGS)[number]): boolean => !thing.needsRoot || isRoot;

describe.each(['events', 'decisions', 'queue', 'handoffs', 'subjects'])('in place of a file in %s', (stage) => {
  it.each(THINGS)('$name stops nothing else', async (thing) => {
    if (!isBad(thing)) return skipBecause('only root can make devices');
    const path = (await victimPaths()).find((name) => name.startsWith(`${stage}/`)) as string;
    await world.record(stage === 'events' ? [good] : [good, victim]);
    await put(path, thing);
    await passesUntilQuiet();
    expect(goodNotice()).toHaveLength(1);
    expect(receiptsOf(goodNotice()[0] as string)).toHaveLength(1);
    const noted = namesBelow(world.layout.root).filter((name) => name.endsWith('.reason.json'));
    if (stage === 'events') expect(noted, 'moved aside with its reason').toHaveLength(1);
    if (stage === 'decisions' || stage === 'queue') {
      expect(noted).toHaveLength(1);
      expect(
        world.sent.filter(({ notice }) => notice.subject === 'job/victim'),
        'what was lost is derived again',
      ).toHaveLength(1);
    }
    // Nobody can know whether an attempt was made whose record cannot be read.
    if (stage === 'handoffs') expect(namesBelow(world.layout.root).filter((name) => name.endsWith('.1.blocked.json'))).toHaveLength(1);
  });
});

describe('a name that belongs to no artifact', () => {
  const NAMES = [
    'x',
    'x.json',
    'x..%2f..%2fetc%2fpasswd.json',
    '%2e%2e.json',
    'a\nb\u001b[2J.json',
    `${'x'.repeat(250)}.json`,
    '20261122T115900.000Z_run.failed_job.x_0123456789ab.json.tmp',
    '20261122T115900.000Z_run.failed_job.x_0123456789AB.json',
    '20261121T115900.000Z_run.failed_job.x_0123456789ab.json',
    '20260230T115900.000Z_run.failed_job.x_0123456789ab.json',
    '__proto__',
    'constructor',
    '-rf',
    'queue',
  ];
  it.each(['events', 'decisions', 'queue', 'handoffs', 'receipts'])('is moved out of %s with its reason', async (stage) => {
    await world.record([good]);
    for (const name of NAMES) world.write(`${stage}/${DAY}/${name}`, '{}');
    await passesUntilQuiet();
    expect(goodNotice()).toHaveLength(1);
    expect(namesBelow(world.layout.root).filter((name) => name.endsWith('.reason.json'))).toHaveLength(NAMES.length);
    for (const name of readdirSync(join(world.layout.quarantine, DAY))) expect(name).toMatch(/^[A-Za-z0-9._~-]+$/);
  });

  it('is moved even where its bytes are no UTF-8', async () => {
    await world.record([good]);
    const folder = Buffer.from(`${world.layout.day('events', DAY)}/`);
    for (const byte of [0xe9, 0xff]) {
      const { writeFileSync } = await import('node:fs');
      writeFileSync(Buffer.concat([folder, Buffer.from([0x63, byte]), Buffer.from('.json')]), '{}');
    }
    await passesUntilQuiet();
    expect(namesBelow(world.layout.root).filter((name) => name.endsWith('.reason.json'))).toHaveLength(2);
  });

  it('is moved even if many of them look the same once they are cut, in bounded time', async () => {
    await world.record([good]);
    for (let i = 0; i < 400; i++) world.write(`events/${DAY}/${'x'.repeat(200)}${i}`, '');
    const started = Date.now();
    await passesUntilQuiet();
    expect(namesBelow(world.layout.root).filter((name) => name.endsWith('.reason.json'))).toHaveLength(400);
    expect(Date.now() - started).toBeLessThan(30_000);
  });
});

describe('in place of the folder of a day', () => {
  const kinds = THINGS.filter(({ name }) => !/folder that|^a folder$/.test(name)).slice(0, 9);
  it.each(kinds)('$name is moved aside itself; what it leads to stays where it is', async (thing) => {
    if (!isBad(thing)) return skipBecause('only root can make devices');
    await world.record([good]);
    for (const stage of ['events', 'decisions', 'queue', 'handoffs', 'receipts']) await put(`${stage}/2026-01-01`, thing);
    await put(`receipts/${DAY}`, thing);
    await passesUntilQuiet();
    expect(goodNotice()).toHaveLength(1);
    expect(receiptsOf(goodNotice()[0] as string)).toHaveLength(1);
    expect(lstatSync(world.layout.day('receipts', DAY)).isDirectory()).toBe(true);
    expect(namesBelow(OUTSIDE)).toEqual(['precious']);
  });

  it('no event is accepted into a folder that a link leads to', async () => {
    await put(`events/${DAY}`, { name: 'link', put: (path) => THINGS[1]?.put(path) });
    await expect(world.record([good])).rejects.toMatchObject({ kind: 'state_io', message: expect.stringContaining(`events/${DAY}`) });
  });
});

describe.each(['events', 'decisions', 'queue', 'handoffs', 'receipts'])('in place of the folder %s', (stage) => {
  it.each(THINGS.slice(0, 6))('$name is an error that names the path, and nothing is touched', async (thing) => {
    await put(stage, thing);
    const error = { kind: 'state_io', message: expect.stringMatching(new RegExp(`${world.layout.root}/${stage}.*\\((ENOTDIR|ELOOP)\\)`)) };
    if (stage === 'events') await expect(world.record([good])).rejects.toMatchObject(error);
    await expect(world.pass()).rejects.toMatchObject(error);
    expect(existsSync(world.layout.quarantine)).toBe(false);
  });
});

describe('in place of what the machine keeps for itself', () => {
  const places = [
    'subjects',
    'quarantine',
    `quarantine/${DAY}`,
    `quarantine/${DAY}/events-x`,
    '.cache',
    '.cache/days.json',
    '.cache/complete',
    '.cache/raised',
    `.cache/complete/${DAY}`,
    '.bell',
    '.pass.json',
    '.tmp/x',
  ];
  it.each(places.flatMap((place) => THINGS.slice(0, 9).map((thing) => ({ place, ...thing }))))(
    '$place: $name stops nothing',
    async ({ place, ...thing }) => {
      if (!isBad(thing)) return skipBecause('only root can make devices');
      await world.record([good]);
      world.write(`events/${DAY}/x`, 'so that there is something to move aside');
      await put(place, thing);
      await passesUntilQuiet();
      expect(goodNotice()).toHaveLength(1);
      expect(existsSync(join(world.layout.root, `events/${DAY}/x`))).toBe(false);
    },
  );
});

it('100 bad files among 1,000 good ones stop none of them', async () => {
  await world.record(Array.from({ length: 1000 }, (_, i) => failedRun(String(i), { subject: `job/${i}` })));
  const names = readdirSync(world.layout.day('events', DAY));
  const things = THINGS.filter(isBad);
  for (let i = 0; i < 100; i++) await put(`events/${DAY}/${names[i * 10]}`, things[i % things.length] as (typeof THINGS)[number]);
  const report = await world.pass();
  expect(report.quarantined.length).toBe(100);
  expect(new Set(world.sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(900);
}, 300_000);
