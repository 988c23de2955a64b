import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STAGES } from '../../src/model/artifacts.ts';
import { sha256 } from '../../src/model/hash.ts';
import { findIdle } from '../../src/run/idle.ts';
import { SEALED_STATUS, sealedDayReports } from '../../src/run/status-day.ts';
import { dayBeingSealed } from '../../src/store/closed-days.ts';
import { readDayIndex } from '../../src/store/day-index.ts';
import { Publisher } from '../../src/store/publish.ts';
import { sealDay } from '../../src/store/seal-day.ts';
import { hasToReadAtMost } from '../../src/store/sealed-cache.ts';
import { catalogOf } from '../support/world.ts';
import { DAY, OVER_MS, runAt, SEALING, SealingWorld, START_MS } from './world.ts';

const DAY_MS = 86_400_000;
let world: SealingWorld;
beforeEach(() => {
  world = new SealingWorld();
});
afterEach(() => world.remove());

const lines = (day = DAY): string[] =>
  readFileSync(join(world.layout.seals, `${day}.sha256`), 'utf8')
    .trimEnd()
    .split('\n');

describe('a day that is over and settled', () => {
  it('is sealed when its grace is over, and not a millisecond before', async () => {
    await world.lived(runAt('a', '10:00:00'));
    expect((await world.at(OVER_MS - 1)).sealed).toEqual([]);
    expect((await world.at(OVER_MS)).sealed).toEqual([{ day: DAY, artifacts: 5 }]);
    expect(world.sealed()).toEqual([`seals/${DAY}.sha256`]);
    expect((await world.at(OVER_MS)).sealed).toEqual([]);
  });

  it('has a manifest that sha256sum confirms, of every artifact and of nothing else', async () => {
    await world.lived(runAt('a', '10:00:00'), runAt('b', '11:00:00'));
    await world.at(OVER_MS);
    const checked = spawnSync('sha256sum', ['--check', '--strict', `seals/${DAY}.sha256`], { cwd: world.layout.root, encoding: 'utf8' });
    expect(checked.status).toBe(0);
    const paths = lines().map((line) => line.slice(66));
    expect(paths).toEqual(
      world
        .paths()
        .filter((path) => path.includes(`/${DAY}/`))
        .sort(),
    );
    expect(paths).toHaveLength(10);
    writeFileSync(join(world.layout.root, paths[0] as string), 'x');
    expect(spawnSync('sha256sum', ['--check', '--quiet', `seals/${DAY}.sha256`], { cwd: world.layout.root }).status).toBe(1);
  });

  it('is not sealed while a notice waits to be tried again, and nothing after it is', async () => {
    await world.record([runAt('a', '10:00:00')], START_MS + DAY_MS / 2);
    await world.at(START_MS + DAY_MS / 2, { send: () => ({ kind: 'retryable', reason: 'busy', retryAfter_ms: 10 * DAY_MS }) });
    await world.lived(runAt('b', '10:00:00', 1));
    expect((await world.at(OVER_MS + 3 * DAY_MS)).sealed).toEqual([]);
    expect((await world.at(OVER_MS + 20 * DAY_MS)).sealed.map(({ day }) => day)).toEqual([DAY, '2099-03-11']);
  });

  it('is not sealed while somebody has yet to be told that a notice is overdue', async () => {
    await world.record([runAt('a', '23:59:00')], START_MS + DAY_MS - 60_000);
    const late = catalogOf({
      ...SEALING,
      rules: SEALING.rules.map((rule) => ({ ...rule, within_ms: 10 * DAY_MS, requires: 'acknowledged' as const })),
    });
    await world.at(START_MS + DAY_MS - 1, { catalog: late });
    expect((await world.at(OVER_MS + DAY_MS, { catalog: late })).sealed).toEqual([]);
  });

  it('is sealed after a day of the year before, and names its seal by its hash; days without artifacts have none', async () => {
    await world.lived(runAt('a', '10:00:00'), runAt('b', '10:00:00', 3));
    await world.at(OVER_MS + 10 * DAY_MS);
    expect(world.sealed()).toEqual([`seals/${DAY}.sha256`, 'seals/2099-03-13.sha256']);
    const first = readFileSync(join(world.layout.seals, `${DAY}.sha256`));
    expect(lines('2099-03-13')[0]).toBe(`${sha256(first)}  seals/${DAY}.sha256`);
  });

  it('is sealed by whichever process comes first, with the same bytes', async () => {
    await world.lived(runAt('a', '10:00:00'));
    const index = readDayIndex(world.layout.cache, SEALING.digest);
    const both = await Promise.all([sealDay(world.layout, index, DAY), sealDay(world.layout, index, DAY)]);
    expect(both.filter((result) => result !== null).length).toBeLessThanOrEqual(1);
    await world.at(OVER_MS);
    expect(world.sealed()).toHaveLength(1);
    expect(dayBeingSealed(world.layout)).toBe('');
  });

  it('is sealed seven days at a time, where many are left', async () => {
    await world.lived(...Array.from({ length: 9 }, (_, i) => runAt(`r${i}`, '10:00:00', i)));
    expect((await world.at(OVER_MS + 30 * DAY_MS)).sealed).toHaveLength(7);
    expect((await world.at(OVER_MS + 30 * DAY_MS)).sealed).toHaveLength(2);
  });

  it('is not sealed where nobody asks for it', async () => {
    await world.lived(runAt('a', '10:00:00'));
    await world.at(OVER_MS + DAY_MS, { catalog: catalogOf({ seal: null }) });
    expect(world.sealed()).toEqual([]);
  });

  it('is sealed without what lies there and is no artifact, once that is moved aside', async () => {
    await world.lived(runAt('a', '10:00:00'));
    world.write(`receipts/${DAY}/stray.json`, '{}');
    const index = readDayIndex(world.layout.cache, SEALING.digest);
    expect(await sealDay(world.layout, index, DAY)).toBeNull();
    const { sealed, quarantined } = await world.at(OVER_MS);
    expect(quarantined).toHaveLength(1);
    expect(sealed).toEqual([{ day: DAY, artifacts: 5 }]);
    expect(lines().some((line) => line.includes('stray'))).toBe(false);
  });

  it('makes a pass that would be idle none, until it is sealed', async () => {
    await world.lived(runAt('a', '10:00:00'));
    await world.at(OVER_MS - 1);
    expect(findIdle(world.layout, SEALING, OVER_MS - 1)).not.toBeNull();
    expect(findIdle(world.layout, SEALING, OVER_MS)).toBeNull();
    await world.at(OVER_MS);
    expect(findIdle(world.layout, SEALING, OVER_MS)).not.toBeNull();
  });

  it('names archives that no seal before it names', async () => {
    await world.lived(runAt('a', '10:00:00'), runAt('b', '10:00:00', 1), runAt('c', '10:00:00', 2));
    mkdirSync(world.layout.archives, { recursive: true });
    writeFileSync(join(world.layout.archives, '2099-02-01.tar.gz'), 'packed');
    await world.at(OVER_MS);
    writeFileSync(join(world.layout.archives, '2099-02-02.tar.gz'), 'packed too');
    await world.at(OVER_MS + DAY_MS);
    expect(lines()[0]).toBe(`${sha256('packed')}  archives/2099-02-01.tar.gz`);
    const head = lines('2099-03-11').map((line) => line.slice(66));
    expect(head.slice(0, 2)).toEqual([`seals/${DAY}.sha256`, 'archives/2099-02-02.tar.gz']);
    expect(head[2]).toMatch(/^decisions\//);
  });
});

describe('a sealed day', () => {
  it('is not looked at any more, whatever comes to lie there', async () => {
    await world.lived(runAt('a', '10:00:00'));
    await world.at(OVER_MS);
    world.write(`receipts/${DAY}/stray.json`, '{}');
    const { quarantined } = await world.at(OVER_MS, { forget: true });
    expect(quarantined).toEqual([]);
    rmSync(join(world.layout.root, 'decisions', DAY), { recursive: true });
    const { events } = await world.at(OVER_MS, { forget: true });
    expect(events).toBe(0);
    expect(world.sent).toHaveLength(1);
  });

  it('takes no artifact any more, from nobody', async () => {
    await world.lived(runAt('a', '10:00:00'));
    const publisher = new Publisher(world.layout, 'other');
    const late = { kind: 'event', stage: 'events', day: DAY, file: 'x.json', bytes: '{}' } as never;
    await world.at(OVER_MS);
    expect(publisher.publishOne(late)).toBe('closed');
    expect(await publisher.publishAll([{ chain: 'x', publication: late }])).toEqual(['closed']);
    expect(world.paths().some((path) => path.endsWith('x.json'))).toBe(false);
  });

  it('takes what is in it already for what it is', async () => {
    await world.lived(runAt('a', '10:00:00'));
    await world.at(OVER_MS);
    const [path] = world.paths().filter((other) => other.startsWith(`events/${DAY}/`)) as [string];
    const bytes = world.files()[path] as string;
    const same = { kind: 'event', stage: 'events', day: DAY, file: path.split('/')[2], bytes } as never;
    expect(new Publisher(world.layout, 'other').publishOne(same)).toBe('same');
  });

  it('is closed from the moment on in which somebody begins to seal it', async () => {
    await world.lived(runAt('a', '10:00:00'));
    writeFileSync(world.layout.sealing, `${DAY}\n`);
    await world.record([runAt('b', '10:00:00')], OVER_MS);
    expect(world.paths().filter((path) => path.includes('job.b'))).toEqual([
      expect.stringMatching(/^events\/2099-03-11\/20990311T010000\.000Z_run\.failed_job\.b_/),
    ]);
    // Whoever began it died: the next pass goes on.
    expect((await world.at(OVER_MS)).sealed).toEqual([{ day: DAY, artifacts: 5 }]);
  });

  it('is opened again where something in it is not settled and whoever began to seal it is gone', async () => {
    await world.lived(runAt('a', '10:00:00'));
    await world.record([runAt('b', '11:00:00')], START_MS);
    writeFileSync(world.layout.sealing, `${DAY}\n`);
    expect(await world.at(OVER_MS)).toMatchObject({ events: 1, notices: 1, failures: [] });
    expect(world.sent).toHaveLength(2);
    expect(dayBeingSealed(world.layout)).toBe('');
  });

  it('is not sealed with an artifact missing that came in while it was being sealed', async () => {
    await world.lived(runAt('a', '10:00:00'));
    const index = readDayIndex(world.layout.cache, SEALING.digest);
    const sealing = sealDay(world.layout, index, DAY);
    world.write(`events/${DAY}/20990310T100000.000Z_run.failed_job.z_000000000000.json`, '{}');
    expect(await sealing).toBeNull();
    expect(world.sealed()).toEqual([]);
    expect(dayBeingSealed(world.layout)).toBe('');
  });
});

describe('what will be asked of a sealed day', () => {
  beforeEach(() => world.lived(runAt('a', '10:00:00'), runAt('b', '11:00:00')));

  it('is taken in while its files lie loose', async () => {
    await world.at(OVER_MS);
    for (const stage of STAGES) rmSync(world.layout.day(stage, DAY), { recursive: true, force: true });
    expect(sealedDayReports(world.layout)).toMatchObject([{ counts: { events: 2, notices: 2, acked: 2 } }]);
    expect(hasToReadAtMost(world.layout, SEALED_STATUS, 0)).toBe(true);
  });

  it('is left to whoever asks for it where a cache of many days is gone', async () => {
    for (let day = 10; day < 29; day++) mkdirSync(world.layout.day('events', `2099-02-${day}`), { recursive: true });
    world.write('seals/2099-02-28.sha256', '');
    expect((await world.at(OVER_MS)).sealed).toHaveLength(1);
    expect(hasToReadAtMost(world.layout, SEALED_STATUS, 19)).toBe(false);
    expect(sealedDayReports(world.layout)).not.toEqual([]);
    expect(hasToReadAtMost(world.layout, SEALED_STATUS, 0)).toBe(true);
  });
});
