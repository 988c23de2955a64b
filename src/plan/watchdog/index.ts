import type { Expectation } from '../../model/catalog.ts';
import { parseName } from '../../model/names.ts';
import { deadline, type Schedules } from './deadline.ts';
import { type Fact, inOrder } from './facts.ts';
import type { Finding } from './findings.ts';
import { hear, newTrack } from './hear.ts';
import { nextReminder, silenceUntil } from './silence.ts';
import { type ExpectationState, expectationKey, sinceOf, type Track, trackKey, type WatchState } from './state.ts';

/** How long an ended run, or the start of one that never ended, is kept in mind: words arrive no later than that. */
const KEPT_MS = 7 * 86_400_000;

/** What the watchdog goes by, beside what it has heard. */
export interface Watch {
  expectations: readonly Expectation[];
  /** Those that are about a subject. */
  about(subject: string): readonly Expectation[];
  isPattern(expectation: Expectation): boolean;
  schedules: Schedules;
}

/**
 * Brings the state up to date with facts that it has not taken in yet (facts that it knows change nothing), then judges
 * the silence of everybody as of `now_ms`. Every way of cutting one history into calls finds the same things.
 */
export function watchSilence(state: WatchState, watch: Watch, facts: readonly Fact[], now_ms: number): Finding[] {
  const findings: Finding[] = [];
  comeIntoForce(state, watch, facts, now_ms, findings);
  for (const fact of inOrder(facts)) {
    if (fact.kind === 'word') {
      for (const expectation of watch.about(fact.word.subject)) {
        hear(fact.word, expectation, state[expectationKey(expectation)] as ExpectationState, watch.schedules, findings);
      }
    } else if (fact.kind === 'overdue') takeOverdue(fact, state, watch, findings);
  }
  for (const expectation of watch.expectations) {
    const own = state[expectationKey(expectation)] as ExpectationState;
    forget(own, now_ms);
    const wasAhead = withinNow(own, now_ms);
    // Not Object.values(): there may be tens of thousands, and most are not due.
    for (const key in own.tracks) {
      const track = own.tracks[key] as Track;
      if (wasAhead || (track.last !== null && track.last.time_ms > now_ms)) comeBack(track, expectation, own, watch, now_ms);
      silenceUntil(expectation, track, now_ms, false, findings);
    }
  }
  return findings;
}

/** When the next thing will be found if nothing more is heard; null if nothing will. */
export function nextFinding(state: WatchState, watch: Watch): number | null {
  const silence_ms = nextSilence(state, watch);
  const tooLate_ms = Object.values(state).flatMap(({ unjudged }) => unjudged.map(({ until_ms }) => until_ms));
  return [...tooLate_ms, ...(silence_ms === null ? [] : [silence_ms])].reduce<number | null>((a, b) => (a === null ? b : Math.min(a, b)), null);
}

/** When the next silence begins, or somebody has to be reminded of one. */
export function nextSilence(state: WatchState, watch: Watch): number | null {
  let next_ms = Number.POSITIVE_INFINITY;
  for (const expectation of watch.expectations) {
    const tracks = state[expectationKey(expectation)]?.tracks ?? {};
    for (const key in tracks) {
      const track = tracks[key] as Track;
      const due_ms = track.silence === null ? track.due_ms : nextReminder(expectation, track);
      if (due_ms !== null && due_ms < next_ms) next_ms = due_ms;
    }
  }
  return next_ms === Number.POSITIVE_INFINITY ? null : next_ms;
}

/** Expectations that are new or were edited begin now, unless it is on disk that they began before. */
function comeIntoForce(state: WatchState, watch: Watch, facts: readonly Fact[], now_ms: number, findings: Finding[]): void {
  for (const expectation of watch.expectations) {
    const key = expectationKey(expectation);
    if (state[key]?.digest !== expectation.digest) state[key] = newState(expectation.digest);
  }
  const known = new Map(
    watch.expectations.map((expectation) => [expectationKey(expectation), state[expectationKey(expectation)] as ExpectationState]),
  );
  for (const fact of facts) {
    const own = fact.kind === 'in_force' ? known.get(fact.expectation) : undefined;
    if (!own || fact.kind !== 'in_force') continue;
    if (fact.digest === own.digest) own.ownSince_ms = Math.min(own.ownSince_ms ?? fact.time_ms, fact.time_ms);
    else own.otherSince_ms = Math.max(own.otherSince_ms ?? fact.time_ms, fact.time_ms);
  }
  for (const expectation of watch.expectations) {
    const own = state[expectationKey(expectation)] as ExpectationState;
    if (own.ownSince_ms === null) {
      own.ownSince_ms = now_ms;
      findings.push({ kind: 'in_force', expectation, at_ms: now_ms });
    }
    awaitFirstWord(expectation, own, watch);
  }
}

function newState(digest: string): ExpectationState {
  return { digest, ownSince_ms: null, otherSince_ms: null, tracks: {}, answered: null, starts: {}, unjudged: [] };
}

/** A subject by its exact name owes its first word, too; of a pattern somebody at all must be heard. */
function awaitFirstWord(expectation: Expectation, state: ExpectationState, watch: Watch): void {
  if (expectation.due === null || expectation.due.kind === 'after') return;
  const subject = watch.isPattern(expectation) ? '' : expectation.subject;
  const key = trackKey(subject, null);
  if (state.tracks[key] || (subject === '' && state.answered !== null)) return;
  const track = newTrack(subject, null);
  track.due_ms = deadline(expectation, track, sinceOf(state) as number, watch.schedules);
  state.tracks[key] = track;
}

/** A silence that was found before, by this process or another one, perhaps when less was known than is known now. */
function takeOverdue(fact: Extract<Fact, { kind: 'overdue' }>, state: WatchState, watch: Watch, findings: Finding[]): void {
  const expectation = watch.expectations.find((item) => expectationKey(item) === fact.expectation);
  const own = state[fact.expectation];
  if (!expectation || !own) return;
  if (fact.subject === '' && own.answered !== null)
    findings.push({ kind: 'recovered', expectation, subject: '', run: null, last: null, word: own.answered });
  const run = expectation.due?.kind === 'after' ? (fact.run ?? '') : null;
  const track = own.tracks[trackKey(fact.subject, run)];
  if (!track) return;
  if ((track.last?.name ?? null) === fact.last && (fact.last !== null || track.last === null)) noteSilence(track, fact);
  else if (track.last !== null) {
    const last = fact.last === null ? null : { name: fact.last, time_ms: parseName(fact.last)?.time_ms ?? 0 };
    findings.push({ kind: 'recovered', expectation, subject: track.subject, run: track.run, last, word: track.last });
  }
}

function noteSilence(track: Track, { due_ms, reminder }: { due_ms: number; reminder: number }): void {
  if (track.ended || (track.run !== null && track.started === null)) return;
  track.silence ??= { due_ms, reminded: 0 };
  track.silence.reminded = Math.max(track.silence.reminded, reminder);
}

/** A clock that ran ahead and was set right again: what it wrote counts from now on, instead of blinding us until it is true. */
function withinNow(own: ExpectationState, now_ms: number): boolean {
  const wasAhead = (sinceOf(own) ?? now_ms) > now_ms;
  own.ownSince_ms = Math.min(own.ownSince_ms ?? now_ms, now_ms);
  if (own.otherSince_ms !== null) own.otherSince_ms = Math.min(own.otherSince_ms, now_ms);
  return wasAhead;
}

function comeBack(track: Track, expectation: Expectation, own: ExpectationState, watch: Watch, now_ms: number): void {
  if (track.last !== null) track.last = { ...track.last, time_ms: Math.min(track.last.time_ms, now_ms) };
  if (track.heardSince_ms !== null) track.heardSince_ms = Math.min(track.heardSince_ms, now_ms);
  if (track.silence === null) track.due_ms = deadline(expectation, track, sinceOf(own) ?? now_ms, watch.schedules);
}

function forget(state: ExpectationState, now_ms: number): void {
  for (const key in state.tracks) {
    const { run, ended, started, last } = state.tracks[key] as Track;
    if (run !== null && (ended || started === null) && last !== null && last.time_ms < now_ms - KEPT_MS) delete state.tracks[key];
  }
  for (const [key, start_ms] of Object.entries(state.starts)) {
    if (key.includes('\n') && start_ms < now_ms - 5 * KEPT_MS) delete state.starts[key];
  }
}
