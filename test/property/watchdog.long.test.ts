import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Expectation } from '../../src/model/catalog.ts';
import { OUTCOMES } from '../../src/model/event-types.ts';
import { isLater } from '../../src/model/words.ts';
import { findingId, overdueId } from '../../src/plan/watchdog/draft.ts';
import type { Fact } from '../../src/plan/watchdog/facts.ts';
import type { Finding } from '../../src/plan/watchdog/findings.ts';
import { nextFinding, watchSilence } from '../../src/plan/watchdog/index.ts';
import { expectationKey, packState, unpackState, type WatchState } from '../../src/plan/watchdog/state.ts';
import { watchOf } from '../../src/run/watchdog.ts';
import { expectationOf } from '../support/expectations.ts';

const START_MS = Date.parse('2026-11-22T00:00:00.000Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAYS = 6;

const EXPECTATIONS: Expectation[] = [
  expectationOf({ remind: { every_ms: 2 * HOUR_MS, atMost: 3 } }),
  expectationOf({ id: 'heartbeat', subject: 'agent/*', due: { kind: 'every', every_ms: 5 * HOUR_MS, grace_ms: 10 * MINUTE_MS } }),
  expectationOf({ id: 'early-bird', due: { kind: 'schedule', cron: '30 */8 * * *', timezone: 'Europe/Berlin', grace_ms: 0, early_ms: HOUR_MS } }),
  expectationOf({
    id: 'running-work-speaks',
    subject: '**',
    due: { kind: 'after', after: 'run.started', within_ms: 40 * MINUTE_MS },
    expect: ['run.progress', 'run.succeeded', 'run.failed'],
  }),
];

/** What is on disk: words as they arrive, and what was found of them. */
class Disk {
  readonly facts: Fact[] = [];
  readonly found = new Map<string, Finding>();
  #taken = 0;
  #state: WatchState = {};

  pass(now_ms: number, forget: boolean): void {
    if (forget) {
      this.#state = {};
      this.#taken = 0;
    }
    const watch = watchOf(EXPECTATIONS);
    const fresh = this.facts.slice(this.#taken);
    this.#taken = this.facts.length;
    // As it is kept between passes.
    this.#state = unpackState(JSON.parse(JSON.stringify(packState(this.#state))) as Record<string, unknown>);
    for (const finding of watchSilence(this.#state, watch, fresh, now_ms)) this.#writeDown(finding);
    const next_ms = nextFinding(this.#state, watch);
    expect(next_ms === null || next_ms > now_ms, 'what is due was found').toBe(true);
  }

  #writeDown(finding: Finding): void {
    const id = findingId(finding);
    if (this.found.has(id)) return;
    this.found.set(id, finding);
    const expectation = expectationKey(finding.expectation);
    if (finding.kind === 'in_force') {
      this.facts.push({ kind: 'in_force', expectation, digest: finding.expectation.digest, time_ms: finding.at_ms });
    } else if (finding.kind === 'overdue') {
      const { subject, run, last, due_ms, reminder } = finding;
      this.facts.push({ kind: 'overdue', name: id, expectation, subject, run: run === '' ? null : run, last: last?.name ?? null, due_ms, reminder });
    }
  }
}

const TYPES = ['run.started', 'run.progress', 'run.succeeded', 'run.failed'];
const words = fc.array(
  fc.record({
    minute: fc.integer({ min: -2 * 24 * 60, max: DAYS * 24 * 60 - 1 }),
    type: fc.constantFrom(...TYPES),
    subject: fc.constantFrom('job/nightly-backup', 'agent/main', 'agent/side'),
    run: fc.constantFrom(null, 'r1', 'r2', 'r3'),
  }),
  { maxLength: 60 },
);
/** Minutes at which passes are made, beside the first and the last one. */
const passes = fc.array(fc.integer({ min: 1, max: DAYS * 24 * 60 - 1 }), { maxLength: 40 });

type Words = { minute: number; type: string; subject: string; run: string | null }[];

const nameOf = (i: number): string => `word-${String(i).padStart(3, '0')}`;
const never = (): boolean => false;

/** `late`: by how many minutes each word comes to disk after it happened. */
function run(history: Words, at: readonly number[], forgetting: (i: number) => boolean = never, late: readonly number[] = []): Map<string, Finding> {
  const disk = new Disk();
  const arriving = history
    .map((word, i) => ({ ...word, name: nameOf(i), arrives: word.minute + (late[i] ?? 0) }))
    .sort((a, b) => a.arrives - b.arrives || (a.name < b.name ? -1 : 1));
  const moments = [...new Set([0, ...at, DAYS * 24 * 60])].sort((a, b) => a - b);
  moments.forEach((minute, i) => {
    while (arriving[0] && arriving[0].arrives <= minute) {
      const { name, type, subject, run: runid, minute: happened } = arriving.shift() as (typeof arriving)[number];
      disk.facts.push({ kind: 'word', word: { name, type, subject, runid, time_ms: START_MS + happened * MINUTE_MS } });
    }
    disk.pass(START_MS + minute * MINUTE_MS, forgetting(i));
  });
  return disk.found;
}

/** What was said, without when it turned out to be of no use any more. */
const said = (found: Map<string, Finding>): string[] =>
  [...found].map(([id, finding]) => `${id} ${'at_ms' in finding ? finding.at_ms : finding.word.time_ms}`).sort();

describe('any split of one history into passes', () => {
  const everyMinute = Array.from({ length: DAYS * 24 * 60 }, (_, i) => i);

  it('finds the same: once a minute, once a day, at random', () => {
    fc.assert(
      fc.property(words, passes, (history, at) => {
        const random = said(run(history, at));
        expect(said(run(history, []))).toEqual(random);
        expect(
          said(
            run(
              history,
              [1, 2, 3, 4, 5].map((day) => day * 24 * 60),
            ),
          ),
        ).toEqual(random);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(words, (history) => {
        expect(said(run(history, everyMinute))).toEqual(said(run(history, [])));
      }),
      { numRuns: 5 },
    );
  });

  it('finds the same when everything that was remembered is lost between two passes', () => {
    fc.assert(
      fc.property(words, passes, fc.infiniteStream(fc.boolean()), (history, at, dice) => {
        expect(said(run(history, at, () => dice.next().value))).toEqual(said(run(history, [])));
      }),
      { numRuns: 200 },
    );
  });

  it('says of each stretch of silence once that it began and at most once that it ended', () => {
    fc.assert(
      fc.property(words, passes, (history, at) => {
        const found = [...run(history, at).values()];
        const begun = found.flatMap((finding) => (finding.kind === 'overdue' && finding.reminder === 0 ? [overdueId(finding)] : []));
        const ended = found.flatMap((finding) => (finding.kind === 'recovered' ? [overdueId(finding)] : []));
        expect(new Set(begun).size).toBe(begun.length);
        expect(new Set(ended).size).toBe(ended.length);
        expect(ended.filter((id) => !begun.includes(id))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

/** Whether a later word has broken this silence, going by the whole history; of a run, also an end that something said before it came after. */
function isBroken(finding: Extract<Finding, { kind: 'overdue' }>, history: Words): boolean {
  const { expectation, subject, run: runid, last } = finding;
  const all = history.map((word, i) => ({ ...word, ref: { name: nameOf(i), time_ms: START_MS + word.minute * MINUTE_MS } }));
  if (subject === '') return all.some((word) => watchOf([expectation]).about(word.subject).length > 0);
  const own = all.filter((word) => word.subject === subject);
  const isAfterLast = ({ ref }: (typeof all)[number]): boolean => last === null || isLater(ref, last);
  if (expectation.due?.kind !== 'after') return own.some((word) => isAfterLast(word) && !['run.started', 'run.progress'].includes(word.type));
  const ofRun = own.filter(({ run: id }) => (id ?? '') === runid);
  if (ofRun.some(isAfterLast)) return true;
  const starts = ofRun.filter(({ type }) => type === 'run.started');
  return ofRun.some((word) => OUTCOMES.includes(word.type) && starts.every(({ ref }) => isLater(word.ref, ref)));
}

/** Few of them, of one or two subjects, so that they have to do with each other. */
const fewWords = fc.array(
  fc.record({
    minute: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: DAYS * 24 * 60 - 1000 })),
    type: fc.constantFrom(...TYPES),
    subject: fc.constantFrom('job/nightly-backup', 'agent/main'),
    run: fc.constantFrom(null, 'r1'),
    late_min: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 900 })),
  }),
  { maxLength: 8 },
);

/** Silences that nobody has broken. */
function lasting(found: readonly Finding[]): string[] {
  const ended = new Set(found.flatMap((finding) => (finding.kind === 'recovered' ? [overdueId(finding)] : [])));
  return found
    .flatMap((finding) => (finding.kind === 'overdue' && finding.reminder === 0 && !ended.has(overdueId(finding)) ? [overdueId(finding)] : []))
    .sort();
}

describe('words that come to disk late', () => {
  it('end a silence all the same, and never begin one', () => {
    fc.assert(
      fc.property(fewWords, passes, fc.infiniteStream(fc.boolean()), (history, at, dice) => {
        const late = history.map(({ late_min }) => late_min);
        const found = [...run(history, at, () => dice.next().value, late).values()];
        const ended = new Set(found.flatMap((finding) => (finding.kind === 'recovered' ? [overdueId(finding)] : [])));
        for (const finding of found) {
          if (finding.kind !== 'overdue' || finding.reminder > 0) continue;
          expect(ended.has(overdueId(finding)), `silence of ${finding.subject} under ${finding.expectation.id}`).toBe(isBroken(finding, history));
        }
        expect(lasting(found), 'who is silent in the end').toEqual(lasting([...run(history, []).values()]));
      }),
      { numRuns: 3000 },
    );
  });
});
