import type { Expectation } from '../../model/catalog.ts';
import { OUTCOMES } from '../../model/event-types.ts';
import { isLater, type Word, type WordRef } from '../../model/words.ts';
import { deadline, type Schedules } from './deadline.ts';
import type { Finding } from './findings.ts';
import { silenceUntil } from './silence.ts';
import { type ExpectationState, NOBODY_YET, sinceOf, type Track, trackKey } from './state.ts';

/** Types that never end a run, whatever an expectation says of them. */
const UNFINISHED: readonly string[] = ['run.started', 'run.progress'];

/** Takes one word into account. Words must come in their order; one that is older than the last one changes nothing. */
export function hear(word: Word, expectation: Expectation, state: ExpectationState, schedules: Schedules, findings: Finding[]): void {
  const since_ms = sinceOf(state) ?? word.time_ms;
  noteOutput(word, expectation, state, since_ms);
  if (expectation.due === null) return;
  const context: Context = { word, expectation, since_ms, schedules, findings };
  if (expectation.due.kind === 'after') {
    hearOfRun(context, expectation.due.after, state);
    return;
  }
  answerPattern(context, state);
  const key = trackKey(word.subject, null);
  const track = state.tracks[key] ?? newTrack(word.subject, null);
  state.tracks[key] = track;
  if (track.heardSince_ms === null) {
    // A subject that must be heard of and never was has been overdue until now.
    breakSilence(context, track, false);
    track.heardSince_ms = word.time_ms;
    if (track.silence === null) track.due_ms = deadline(expectation, track, since_ms, schedules);
  }
  state.answered ??= refOf(word);
  if (counts(word, expectation)) take(context, track);
}

interface Context {
  word: Word;
  expectation: Expectation;
  since_ms: number;
  schedules: Schedules;
  findings: Finding[];
}

export function newTrack(subject: string, run: string | null): Track {
  return { subject, run, heardSince_ms: null, last: null, due_ms: null, silence: null, ended: false, started: null };
}

function counts({ type }: Word, { expect }: Expectation): boolean {
  return expect.length === 0 ? !UNFINISHED.includes(type) : expect.includes(type);
}

/** The first word from anybody whom a pattern is about. */
function answerPattern(context: Context, state: ExpectationState): void {
  const waiting = state.tracks[NOBODY_YET];
  if (!waiting) return;
  breakSilence(context, waiting, true);
  delete state.tracks[NOBODY_YET];
}

/** A word that counts: it ends a silence, or keeps one from beginning. */
function take(context: Context, track: Track): void {
  const { word, expectation, since_ms, schedules } = context;
  if (track.last !== null && !isLater(word, track.last)) return;
  breakSilence(context, track, true);
  track.last = refOf(word);
  track.due_ms = deadline(expectation, track, since_ms, schedules);
}

/** If the subject was silent for too long before this word, that is found now at the latest. */
function breakSilence({ word, expectation, findings }: Context, track: Track, recovers: boolean): void {
  silenceUntil(expectation, track, word.time_ms - 1, recovers, findings);
  if (track.silence === null || !recovers) return;
  const { subject, run, last } = track;
  findings.push({ kind: 'recovered', expectation, subject, run, last, word: refOf(word) });
  track.silence = null;
}

function hearOfRun(context: Context, trigger: string, state: ExpectationState): void {
  const { word, expectation } = context;
  const starts = word.type === trigger;
  const isExpected = expectation.expect.includes(word.type);
  const ends = !starts && (OUTCOMES.includes(word.type) || (isExpected && !UNFINISHED.includes(word.type)));
  if (!starts && !isExpected && !ends) return;
  const key = trackKey(word.subject, word.runid ?? '');
  const known = state.tracks[key];
  const isNews = !known?.last || isLater(word, known.last);
  if (known && !known.ended && (known.started !== null || !isNews)) hearOfKnownRun(context, known, starts, ends);
  else if (isNews && (starts || ends || !known?.ended)) {
    const track = newTrack(word.subject, word.runid ?? '');
    state.tracks[key] = track;
    if (starts) track.started = refOf(word);
    take(context, track);
    if (ends) endRun(track);
  }
}

function hearOfKnownRun(context: Context, track: Track, starts: boolean, ends: boolean): void {
  const { word, expectation, since_ms, schedules } = context;
  if (starts && (track.started === null || isLater(word, track.started))) {
    const arrivesLate = track.started === null;
    track.started = refOf(word);
    // The start of a run that has spoken before its start came to disk.
    if (arrivesLate) track.due_ms = deadline(expectation, track, since_ms, schedules);
  }
  take(context, track);
  // An end is one even if something that was said before it came to disk with a later time.
  if (!ends || track.started === null || !isLater(word, track.started)) return;
  breakSilence(context, track, true);
  endRun(track);
}

const refOf = ({ name, time_ms }: Word): WordRef => ({ name, time_ms });

function endRun(track: Track): void {
  track.ended = true;
  track.due_ms = null;
}

/** A success whose output has to be looked at, and what that output must be newer than. */
function noteOutput(word: Word, { produces }: Expectation, state: ExpectationState, since_ms: number): void {
  if (produces === null) return;
  const own = trackKey(word.subject, null);
  const key = trackKey(word.subject, word.runid);
  if (word.type === 'run.started') state.starts[key] = word.time_ms;
  if (!OUTCOMES.includes(word.type)) return;
  if (word.type === 'run.succeeded' && word.time_ms >= since_ms && !state.unjudged.some((item) => item.word.name === word.name)) {
    const start_ms = (word.runid === null ? undefined : state.starts[key]) ?? state.starts[own] ?? since_ms;
    const { newerThan, grace_ms } = produces;
    state.unjudged.push({
      subject: word.subject,
      run: word.runid,
      word: refOf(word),
      newerThan_ms: newerThan === null ? null : newerThan === 'start' ? start_ms : word.time_ms - newerThan,
      until_ms: word.time_ms + grace_ms,
    });
  }
  if (word.runid !== null) delete state.starts[key];
  // Where no start is heard, the output must at least be newer than the outcome before it.
  state.starts[own] = Math.max(state.starts[own] ?? 0, word.time_ms);
}
