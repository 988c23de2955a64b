import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/artifacts.ts';
import { dayOf } from '../../src/model/names.ts';
import { addEvidence, readNotice } from '../../src/run/evidence.ts';
import { findByPart } from '../../src/run/find.ts';
import { unprovedSince } from '../../src/run/gate/unproved.ts';
import { recordLate } from '../../src/run/late.ts';
import { lateWords, statusAfter } from '../../src/run/late-words.ts';
import { prepare, recordAll } from '../../src/run/record.ts';
import { sealedDayReports } from '../../src/run/status-day.ts';
import { Publisher } from '../../src/store/publish.ts';
import { DAY, OVER_MS, runAt, SealingWorld } from './world.ts';

const NEXT_DAY = '2099-03-11';
let world: SealingWorld;
beforeEach(async () => {
  world = new SealingWorld();
  await world.lived(runAt('a', '10:00:00'), runAt('b', '11:00:00'));
  await world.at(OVER_MS);
});
afterEach(() => world.remove());

const publisher = (): Publisher => new Publisher(world.layout, 'other');
const events = (day: string): string[] => readdirSync(join(world.layout.root, 'events', day)).map((file) => file.slice(0, -'.json'.length));
const notice = (subject = 'job.a'): string => {
  const file = readdirSync(join(world.layout.root, 'queue', DAY)).find((name) =>
    world.files()[`queue/${DAY}/${name}`]?.includes(subject.replace('.', '/')),
  );
  return (file as string).slice(0, -'.json'.length);
};
const evidence = (by: string, level: 'acknowledged' | 'delivered' = 'acknowledged') => ({
  level,
  by,
  at: new Date(OVER_MS).toISOString(),
  reference: 'said so',
});
const say = (said: Parameters<typeof recordLate>[2]['said']) =>
  recordLate(world.layout, publisher(), { notice: readNotice(world.layout, notice()), handoff: null, said }, OVER_MS + 1_000);

describe('an event of a day that is sealed', () => {
  it('is filed under the day on which it is heard, keeps its own time, and is decided and sent like any other', async () => {
    const before = world.files()[`seals/${DAY}.sha256`];
    await world.record([runAt('late', '12:00:00')], OVER_MS);
    const [name] = events(NEXT_DAY) as [string];
    const event = JSON.parse(world.files()[`events/${NEXT_DAY}/${name}.json`] as string) as Event;
    expect(event.time).toBe(`${DAY}T12:00:00.000Z`);
    expect(event.filedtime).toBe(new Date(OVER_MS).toISOString());
    const { receipts, quarantined } = await world.at(OVER_MS);
    expect(quarantined).toEqual([]);
    expect(receipts.map(({ notice: sent, status }) => [dayOf(sent), status])).toEqual([[NEXT_DAY, 'acked']]);
    expect(world.files()[`seals/${DAY}.sha256`]).toBe(before);
  });

  it('is the same fact when it is told again, on whatever day', async () => {
    const tell = (now_ms: number) => recordAll(world.layout, publisher(), [runAt('late', '12:00:00')], now_ms);
    expect((await tell(OVER_MS))[0]?.status).toBe('recorded');
    expect((await tell(OVER_MS + 40 * 86_400_000))[0]?.status).toBe('known');
  });

  it('that lies in the sealed day already is known', async () => {
    const [result] = await recordAll(world.layout, publisher(), [runAt('a', '10:00:00')], OVER_MS);
    expect(result).toMatchObject({ status: 'known', event: expect.stringContaining('20990310T100000') });
  });

  it('is recorded, where a process that died left it in the sealed day behind the back of its seal', async () => {
    const draft = runAt('late', '12:00:00');
    const item = prepare(draft, OVER_MS - 1, '');
    if (typeof item === 'string') throw new Error(item);
    writeFileSync(join(world.layout.root, 'events', DAY, item.file), item.bytes);
    const [result] = await recordAll(world.layout, publisher(), [draft], OVER_MS);
    expect(result?.status).toBe('recorded');
    expect(dayOf(result?.event as string)).toBe(NEXT_DAY);
    expect((await world.at(OVER_MS)).receipts.map(({ notice: sent, status }) => [dayOf(sent), status])).toEqual([[NEXT_DAY, 'acked']]);
    expect((await recordAll(world.layout, publisher(), [draft], OVER_MS))[0]?.status).toBe('known');
  });

  it('is filed after every sealed day, where a clock that was ahead has sealed days that are still to come', async () => {
    await world.record([runAt('ahead', '10:00:00', 5)], OVER_MS + 5 * 86_400_000);
    await world.at(OVER_MS + 6 * 86_400_000);
    await world.at(OVER_MS + 7 * 86_400_000);
    expect(world.sealed().at(-1)).toBe('seals/2099-03-15.sha256');
    await world.record([runAt('now', '02:00:00', 1)], OVER_MS + 3_600_000);
    expect(events('2099-03-16')).toEqual([expect.stringMatching(/^20990316T000000\.000Z_run\.failed_job\.now_/)]);
  });

  it('cannot be given a place by whoever reports it', async () => {
    await world.record([{ ...runAt('x', '12:00:00', 1), extensions: { filedtime: '2099-01-01T00:00:00.000Z' } }], OVER_MS);
    expect(events(NEXT_DAY)).toEqual([expect.stringMatching(/^20990311T120000/)]);
    expect(Object.values(world.files()).some((text) => text.includes('2099-01-01'))).toBe(false);
  });
});

describe('what is said of a notice whose day is sealed', () => {
  it('is an event of today that refers to it, and no receipt', () => {
    const receipts = world.paths().filter((path) => path.startsWith('receipts/'));
    const { event, isNews } = say({ kind: 'evidence', evidence: evidence('human:anna') });
    expect([isNews, dayOf(event)]).toEqual([true, NEXT_DAY]);
    const document = JSON.parse(world.files()[`events/${NEXT_DAY}/${event}.json`] as string) as Event;
    expect(document).toMatchObject({ type: 'notice.acknowledged', source: 'rgov/confirm', subject: 'job/a', data: { notice: notice() } });
    expect((document.data as { about: { path: string } }).about.path).toBe(`queue/${DAY}/${notice()}.json`);
    expect(world.paths().filter((path) => path.startsWith('receipts/'))).toEqual(receipts);
    expect(say({ kind: 'evidence', evidence: evidence('human:anna') })).toEqual({ event, isNews: false });
  });

  it('is never written into the day itself', () => {
    expect(() => addEvidence(world.layout, publisher(), notice(), evidence('human:anna'), null, OVER_MS)).toThrow('is sealed');
  });

  it('nobody from outside may say in its place', async () => {
    const [result] = await recordAll(world.layout, publisher(), [{ ...runAt('x', '12:00:00', 1), source: 'rgov/confirm' }], OVER_MS);
    expect(result?.status).toBe('rejected');
  });

  it('is taken into account: a bounce takes the proof back, a human outweighs it', () => {
    const counts = () =>
      sealedDayReports(world.layout).reduce(([a, b], { counts: { acked, blocked } }): [number, number] => [a + acked, b + blocked], [0, 0] as [
        number,
        number,
      ]);
    expect(counts()).toEqual([2, 0]);
    say({ kind: 'failure', by: 'report:gateway', detail: 'mailbox full' });
    expect(counts()).toEqual([1, 1]);
    expect(sealedDayReports(world.layout).flatMap(({ unproven }) => unproven)).toMatchObject([
      { notice: notice(), status: 'blocked', reason: 'bounced', detail: 'report:gateway: mailbox full' },
    ]);
    say({ kind: 'evidence', evidence: evidence('human:anna') });
    expect(counts()).toEqual([2, 0]);
  });

  it('is found again when its own day is sealed, too', async () => {
    say({ kind: 'failure', by: 'report:gateway', detail: 'mailbox full' });
    await world.at(OVER_MS + 2_000);
    await world.at(OVER_MS + 86_400_000);
    expect(world.sealed()).toHaveLength(2);
    expect(lateWords(world.layout).get(notice())).toMatchObject([{ failure: { by: 'report:gateway' } }]);
    expect(lateWords(world.layout).get(notice())).toHaveLength(1);
  });

  it.each([
    ['pending_external_send', [], 'pending_external_send'],
    ['pending_external_send', [{ evidence: evidence('report:gateway', 'delivered') }], 'acked'],
    ['acked', [{ failure: true }], 'blocked'],
    ['blocked', [{ failure: true }, { evidence: evidence('report:gateway', 'delivered') }], 'acked'],
    ['acked', [{ evidence: evidence('human:anna') }, { failure: true }], 'acked'],
  ] as const)('%s with %j comes to %s', (status, words, expected) => {
    const said = words.map((word) => ({
      notice: 'n',
      event: 'e',
      at: '',
      evidence: 'evidence' in word ? word.evidence : null,
      failure: 'failure' in word ? { by: 'report:x', detail: '' } : null,
    }));
    expect(statusAfter(status, 'delivered', said)).toBe(expected);
  });
});

it('what lies in a sealed day is found by a part of its name, its handoffs and receipts, too', () => {
  const name = notice();
  for (const part of [name, name.slice(-12), `${name}.1`, `state/receipts/${DAY}/${name}.1.acked.json`]) {
    expect(findByPart(world.layout, part, 'notice').name).toBe(name);
  }
});

it('what was said late of a notice is what a gate goes by', () => {
  const unproved = () => [...unprovedSince(world.layout, Date.parse(`${DAY}T00:00:00Z`), 'acknowledged')].map((one) => one.notice);
  const both = [notice(), notice('job.b')].sort();
  expect(unproved()).toEqual(both);
  say({ kind: 'evidence', evidence: evidence('human:anna') });
  expect(unproved()).toEqual(both.filter((name) => name !== notice()));
});
