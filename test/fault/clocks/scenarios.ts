import { dayOf } from '../../../src/model/names.ts';
import { sleep } from '../../support/watching.ts';
import { Random } from '../chaos/random.ts';
import type { Wrong } from '../owners/scene.ts';
import { atDesk, comesTrue, type Desk, type DeskOptions } from './desk.ts';
import { DAY_S, HOUR_S } from './faked-clock.ts';
import { checkSeals, sealsIn } from './seals.ts';

export type Scenario = (program: string) => Promise<Wrong>;

const EVENTS_A_JUMP = 4;
const YEAR_S = 365 * DAY_S;
/** What was dropped a day ahead of the clock or more is refused, as a mistake of the emitter. */
const MOST_BEHIND_S = 23 * HOUR_S;
const LEAST_REPORTS = 6;
const MOST_REPORTS = 60;

/** Ahead and back again, first as the list says and then anyhow; each jump comes while something is being sent. */
export const jumps =
  (seed: number, more = 6): Scenario =>
  (program) =>
    atDesk({ program, seed, moods: { 'answers slowly': 20, 'hangs up': 5, 'is overloaded': 20, 'asks to wait': 3 } }, async (desk) => {
      const random = new Random(seed);
      const offsets = [HOUR_S, 0, DAY_S, 0, YEAR_S, 0, -HOUR_S, -MOST_BEHIND_S, 0, DAY_S, -MOST_BEHIND_S];
      for (let n = 0; n < more; n++) offsets.push(random.between(-MOST_BEHIND_S, YEAR_S));
      const wrong: Wrong = [];
      await desk.watch();
      for (const offset_s of offsets) {
        for (let n = 0; n < EVENTS_A_JUMP; n++) desk.dropOne();
        await sleep(random.between(0, 300));
        desk.clock.set(offset_s);
        const { code, stderr, stdout } = await desk.rgov('reconcile');
        if (code !== 0) wrong.push(`rgov reconcile ended with ${code} at ${offset_s} s: ${stdout}${stderr}`);
      }
      desk.clock.set(0);
      for (let n = 0; n < EVENTS_A_JUMP; n++) desk.dropOne();
      return [...wrong, ...(await ended(desk))];
    });

/** Something went wrong while the clock was a day ahead; it is put right, and the receiver is well again. */
const afterAFuture =
  (sender: DeskOptions['sender'], mood: 'is overloaded' | 'asks to wait', hangs: string): Scenario =>
  (program) =>
    atDesk({ program, moods: { answers: 0, [mood]: 1 }, ...(sender && { sender }) }, async (desk) => {
      desk.clock.set(DAY_S);
      await desk.watch();
      for (let n = 0; n < EVENTS_A_JUMP; n++) desk.dropOne();
      if (!(await comesTrue(() => desk.receiver.log.length >= 2))) return ['nothing was tried'];
      await sleep(300);
      desk.receiver.calm();
      desk.clock.set(0);
      desk.dropOne();
      const before = await comesTrue(() => desk.isProved);
      return [...(before ? [] : [hangs]), ...(await ended(desk))];
    });

export const breakerOfTheFuture = afterAFuture(
  { breaker: { failures: 2, pause: '2s' } },
  'is overloaded',
  'a breaker that was opened by a clock that was wrong stays open',
);

export const waitOfTheFuture = afterAFuture({}, 'asks to wait', 'what a receiver asked for at a time that has not come yet is waited for');

export const rateOfTheFuture = afterAFuture({ rate: '20/1s' }, 'is overloaded', 'turns that were taken at a time that has not come yet count');

/** What a cron job leaves behind while the clock is ahead must not keep those that come later from their work. */
export const cronOfTheFuture: Scenario = (program) =>
  atDesk({ program, moods: { answers: 0, 'is overloaded': 1 } }, async (desk) => {
    desk.clock.set(YEAR_S);
    desk.dropOne();
    // The second one remembers the day, because it has not changed any more.
    for (const pause_ms of [2_100, 2_100, 0]) {
      await desk.rgov('reconcile');
      await sleep(pause_ms);
    }
    desk.receiver.calm();
    desk.clock.set(0);
    for (let n = 0; n < 10 && !desk.isProved; n++) {
      await desk.rgov('reconcile');
      await sleep(100);
    }
    return [...(desk.isProved ? [] : ['a pass goes by what an earlier one remembered of the future']), ...(await ended(desk))];
  });

/** Events on both sides of the end of a UTC day, while `watch` and `reconcile` work. */
export const changeOfDay: Scenario = (program) =>
  atDesk({ program }, async (desk) => {
    const midnight_ms = Math.ceil(desk.clock.now_ms / 86_400_000) * 86_400_000;
    const wrong: Wrong = [];
    await desk.watch();
    for (let n = 0; n < MOST_REPORTS && (n < LEAST_REPORTS || desk.clock.now_ms < midnight_ms + 1_000); n++) {
      // A slow machine may need many seconds for one report: the day is not over before there is one.
      const isBefore = desk.eventsOf('run.failed').some(({ time }) => Date.parse(time) < midnight_ms);
      if (!isBefore) desk.clock.setTo(new Date(midnight_ms - 1_000 * (n + 1)).toISOString());
      wrong.push(...(await desk.report('failed', `job/${n}`)));
      await desk.rgov('reconcile');
    }
    const files = desk.files;
    const days = new Set([...files.events.values()].map(({ time }) => time.slice(0, 10)));
    if (days.size !== 2) wrong.push(`there are events of ${days.size} days`);
    for (const [path, { time }] of files.events) {
      if (path.split('/')[1] !== time.slice(0, 10)) wrong.push(`${path} is of ${time}`);
    }
    for (const path of [...files.queue.keys(), ...files.handoffs.keys(), ...files.receipts.keys()]) {
      const [, day, name = ''] = path.split('/');
      if (day !== dayOf(name)) wrong.push(`${path} lies in the folder of another day`);
    }
    return [...wrong, ...(await ended(desk))];
  });

const NIGHTLY = { id: 'nightly', subject: 'job/nightly', schedule: { cron: '30 2 * * *', timezone: 'Europe/Berlin' }, grace: '10m' };

/** By this moment these are overdue, by their times; `after` that the job reports. */
interface Moment {
  at: string;
  overdue: string[];
  after?: 'reports';
}

/** A clock that goes from one of these moments to the next. */
const nights =
  (first: string, moments: Moment[]): Scenario =>
  (program) =>
    atDesk({ program }, async (desk) => {
      desk.expectReports([NIGHTLY]);
      desk.clock.setTo(first);
      const wrong = await desk.report('succeeded', NIGHTLY.subject);
      await desk.rgov('reconcile');
      await desk.watch();
      for (const { at, overdue, after } of moments) {
        desk.clock.setTo(at);
        const { code, stderr } = await desk.rgov('reconcile');
        if (code !== 0) wrong.push(`rgov reconcile ended with ${code} at ${at}: ${stderr}`);
        const found = (): string =>
          desk
            .eventsOf('report.overdue')
            .map(({ time }) => time)
            .sort()
            .join();
        if (!(await comesTrue(() => found() === overdue.join()))) wrong.push(`at ${at} these are overdue: ${found()}, not ${overdue}`);
        if (after === 'reports') wrong.push(...(await desk.report('succeeded', NIGHTLY.subject)));
      }
      return [...wrong, ...(await ended(desk))];
    });

const AUTUMN = '2026-10-25T00:40:00.000Z';

/** 02:30 comes twice in this night, at 00:30 and 01:30 UTC, and once is enough. */
export const clocksGoBack = nights('2026-10-24T12:00:00Z', [
  { at: '2026-10-25T00:39:00Z', overdue: [] },
  { at: '2026-10-25T00:41:00Z', overdue: [AUTUMN] },
  { at: '2026-10-25T00:20:00Z', overdue: [AUTUMN] },
  { at: '2026-10-25T00:50:00Z', overdue: [AUTUMN], after: 'reports' },
  { at: '2026-10-25T01:41:00Z', overdue: [AUTUMN] },
  { at: '2026-10-26T01:39:00Z', overdue: [AUTUMN] },
  { at: '2026-10-26T01:41:00Z', overdue: [AUTUMN, '2026-10-26T01:40:00.000Z'] },
]);

const SPRING = '2026-03-29T01:10:00.000Z';

/** 02:30 does not come in this night: the job is due when the clock has jumped to 03:00, at 01:00 UTC. */
export const clocksGoForward = nights('2026-03-28T12:00:00Z', [
  { at: '2026-03-29T00:59:00Z', overdue: [] },
  { at: '2026-03-29T01:11:00Z', overdue: [SPRING] },
  { at: '2026-03-29T00:30:00Z', overdue: [SPRING] },
  { at: '2026-03-29T01:30:00Z', overdue: [SPRING], after: 'reports' },
  { at: '2026-03-30T00:39:00Z', overdue: [SPRING] },
  { at: '2026-03-30T00:41:00Z', overdue: [SPRING, '2026-03-30T00:40:00.000Z'] },
]);

/**
 * A clock that is weeks ahead seals days that are not over. Whatever is said afterwards is filed under a later day, decided and
 * delivered like everything else.
 */
export const sealedEarly: Scenario = (program) =>
  atDesk({ program }, async (desk) => {
    const { state } = desk.workspace;
    const wrong: Wrong = [];
    desk.sealAfter('1h');
    await desk.watch();
    for (const weeks of [1, 2, 3]) {
      for (let n = 0; n < EVENTS_A_JUMP; n++) desk.dropOne();
      if (!(await comesTrue(() => desk.isProved))) return [`not delivered before week ${weeks}`, ...(await ended(desk))];
      desk.clock.set(weeks * 7 * DAY_S);
      const before = sealsIn(state).length;
      if (!(await comesTrue(() => sealsIn(state).length > before, 60_000))) wrong.push(`nothing was sealed in week ${weeks}`);
      desk.dropOne();
      desk.clock.set(0);
      desk.dropOne();
      wrong.push(...(await desk.report('failed', `job/after-${weeks}`)), ...checkSeals(state));
    }
    const sealed = sealsIn(state).at(-1)?.slice('seals/'.length, -'.sha256'.length) ?? '';
    const late = desk.eventsOf('run.failed').filter((event) => 'filedtime' in event);
    if (late.length === 0) wrong.push(`no event was filed under another day than its own, although ${sealed} is sealed`);
    return [...wrong, ...(await ended(desk)), ...checkSeals(state)];
  });

/** Everything comes to its end by the clock as it is now, and what is on disk then is sound. */
async function ended(desk: Desk): Promise<Wrong> {
  const isOver = await comesTrue(() => desk.isProved);
  const open = desk.unproved.map(({ id }) => `never proved: ${id}`);
  const stopped = await desk.stop();
  return [...(isOver ? [] : ['not everything came to its end', ...open]), ...stopped, ...desk.audit(), ...(await desk.verify())];
}
