import type { Catalog, Expectation } from '../model/catalog.ts';
import { RgovError } from '../model/errors.ts';
import { compileSubjectPattern } from '../model/glob.ts';
import { compileSchedule, type Schedule } from '../model/schedule.ts';
import type { Schedules } from '../plan/watchdog/deadline.ts';
import { factOf } from '../plan/watchdog/facts.ts';
import type { Finding } from '../plan/watchdog/findings.ts';
import { nextFinding, nextSilence, type Watch, watchSilence } from '../plan/watchdog/index.ts';
import { judgeOutput, outputQuestions, type SeenOutput } from '../plan/watchdog/outputs.ts';
import { expectationKey, packState, unpackState, type WatchState } from '../plan/watchdog/state.ts';
import { type HeardDays, readNewEvents } from '../store/heard.ts';
import type { ListedEvents } from '../store/history.ts';
import type { Layout } from '../store/layout.ts';
import { readWatchdogMemory, writeWatchdogMemory } from '../store/watchdog-memory.ts';

/** How long a process that goes on keeps what it has learned to itself: whoever starts meanwhile learns it from the events. */
const KEEP_TO_ITSELF_MS = 30_000;

interface Memory {
  days: HeardDays;
  state: WatchState;
}

/** Finds silence, from what is on disk alone; what it keeps in memory only saves it from reading twice. */
export class Watchdog {
  readonly #layout: Layout;
  readonly #binding: string;
  readonly #watch: Watch;
  readonly #outputsOf: (pattern: string) => Promise<SeenOutput[]>;
  readonly #asOf_ms: number;
  #memory: Memory | null = null;
  #written_ms = Number.NEGATIVE_INFINITY;
  #unwritten = false;

  /** `asOf_ms`: what was written down later counts for nothing, and nothing is remembered. */
  constructor(
    layout: Layout,
    { binding, expectations }: Pick<Catalog, 'binding' | 'expectations'>,
    outputsOf: (pattern: string) => Promise<SeenOutput[]>,
    asOf_ms = Number.POSITIVE_INFINITY,
  ) {
    this.#asOf_ms = asOf_ms;
    if (asOf_ms !== Number.POSITIVE_INFINITY) this.#memory = { days: {}, state: {} };
    this.#layout = layout;
    this.#binding = binding;
    this.#watch = watchOf(expectations);
    this.#outputsOf = outputsOf;
  }

  /**
   * Everything that is to be found as of `now_ms`, whether or not it was written down before; and what will be found
   * until `ahead_ms` if nothing more is heard. `listed` are days that were listed just before.
   */
  async look(now_ms: number, ahead_ms = now_ms, listed: ListedEvents = new Map()): Promise<Finding[]> {
    if (this.#watch.expectations.length === 0) return [];
    try {
      return await this.#look(this.#recall(), now_ms, ahead_ms, listed);
    } catch (error) {
      if (error instanceof RgovError) throw error;
      // A memory that was damaged in a way that nobody has thought of: everything in it can be found again.
      return this.#look({ days: {}, state: {} }, now_ms, ahead_ms, listed);
    }
  }

  async #look({ days, state }: Memory, now_ms: number, ahead_ms: number, listed: ListedEvents): Promise<Finding[]> {
    const { expectations } = this.#watch;
    const isNew = expectations.some((expectation) => state[expectationKey(expectation)]?.digest !== expectation.digest);
    const heard = readNewEvents(this.#layout, days, now_ms, isNew, listed);
    const facts = heard.events.filter(({ document }) => Date.parse(document.recordedtime) <= this.#asOf_ms).flatMap((event) => factOf(event) ?? []);
    const findings = watchSilence(state, this.#watch, facts, now_ms);
    // One after another, as they would be found by passes that come on time.
    for (
      let at_ms = nextSilence(state, this.#watch);
      at_ms !== null && at_ms > now_ms && at_ms <= ahead_ms;
      at_ms = nextSilence(state, this.#watch)
    ) {
      findings.push(...watchSilence(state, this.#watch, [], at_ms));
    }
    for (const question of outputQuestions(state, this.#watch)) {
      const seen = await this.#outputsOf(question.expectation.produces?.path ?? '');
      const finding = judgeOutput(question, seen, state, ahead_ms);
      if (finding) findings.push(finding);
    }
    const inForce = new Set(expectations.map(expectationKey));
    for (const key of Object.keys(state)) if (!inForce.has(key)) delete state[key];
    this.#memory = { days: heard.days, state };
    this.#unwritten ||= heard.events.length > 0 || findings.length > 0 || isNew;
    return findings;
  }

  /** When something will be found if nothing more is heard; null if nothing will. */
  get nextDue_ms(): number | null {
    return this.#memory === null ? null : nextFinding(this.#memory.state, this.#watch);
  }

  /** What everybody owes as of the last look. */
  get state(): WatchState {
    return this.#memory?.state ?? {};
  }

  get watch(): Watch {
    return this.#watch;
  }

  /** Leaves what was learned to the next process. `now_ms` null: whatever was written when. */
  remember(now_ms: number | null): void {
    if (!this.#unwritten || this.#memory === null) return;
    if (now_ms !== null && Math.abs(now_ms - this.#written_ms) < KEEP_TO_ITSELF_MS) return;
    writeWatchdogMemory(this.#layout.cache, this.#binding, { days: this.#memory.days, state: packState(this.#memory.state) });
    this.#unwritten = false;
    if (now_ms !== null) this.#written_ms = now_ms;
  }

  /** What was found could not be written down: it has to be found again, from what the last pass has left behind. */
  forget(): void {
    this.#memory = null;
    this.#unwritten = false;
  }

  #recall(): Memory {
    if (this.#memory === null) {
      const written = readWatchdogMemory(this.#layout.cache, this.#binding);
      this.#memory = written === null ? { days: {}, state: {} } : { days: written.days, state: unpackState(written.state) };
    }
    return this.#memory;
  }
}

export function watchOf(expectations: readonly Expectation[]): Watch {
  const exact = new Map<string, Expectation[]>();
  const patterns: { expectation: Expectation; matches(subject: string): boolean }[] = [];
  for (const expectation of expectations) {
    const pattern = compileSubjectPattern(expectation.subject);
    if (!pattern.ok) throw new Error(`the subject ${expectation.subject} was let pass: ${pattern.message}`);
    if (!pattern.exact) patterns.push({ expectation, matches: pattern.matches });
    else exact.set(expectation.subject, [...(exact.get(expectation.subject) ?? []), expectation]);
  }
  const isPattern = new Set(patterns.map(({ expectation }) => expectation));
  const about = new Map<string, Expectation[]>();
  return {
    expectations,
    isPattern: (expectation) => isPattern.has(expectation),
    about(subject) {
      let known = about.get(subject);
      if (!known) {
        known = [...(exact.get(subject) ?? []), ...patterns.flatMap(({ expectation, matches }) => (matches(subject) ? [expectation] : []))];
        about.set(subject, known);
      }
      return known;
    },
    schedules: schedulesOf(),
  };
}

function schedulesOf(): Schedules {
  const compiled = new Map<string, Schedule>();
  return {
    next(cron, timezone, after_ms) {
      const key = `${cron}\n${timezone}`;
      let schedule = compiled.get(key);
      if (!schedule) {
        const result = compileSchedule(cron, timezone);
        if (!result.ok) throw new Error(`the schedule ${cron} (${timezone}) was let pass: ${result.message}`);
        schedule = result.schedule;
        compiled.set(key, schedule);
      }
      return schedule.next(after_ms);
    },
  };
}
