import type { WordRef } from '../../model/words.ts';

/**
 * What is known of everybody who owes a word: a projection of the events, which can be made again from them at any time.
 * Plain data, so that it can be kept as JSON between passes.
 */
export type WatchState = Record<string, ExpectationState>;

export interface ExpectationState {
  digest: string;
  /** When this wording came into force; null until that is written down as an event. */
  ownSince_ms: number | null;
  /** When another wording of it came into force last: nothing before that is judged by this one. */
  otherSince_ms: number | null;
  /** By subject, or by subject and run; under {@link NOBODY_YET} what a pattern is waiting for that nobody has ever answered to. */
  tracks: Record<string, Track>;
  /** The first word of anybody whom it is about. */
  answered: WordRef | null;
  /** Where an output is looked for: when each run started, and when each subject last spoke of an outcome. */
  starts: Record<string, number>;
  /** Successes whose output has not been judged yet. */
  unjudged: UnjudgedOutput[];
}

/** One subject, or one run of it, under one expectation. */
export interface Track {
  /** Empty for a pattern that nobody has answered to. */
  subject: string;
  run: string | null;
  /** When the subject was first heard of; null if never. */
  heardSince_ms: number | null;
  /** The last word that counts. */
  last: WordRef | null;
  /** By when the next one is owed; null if none is. */
  due_ms: number | null;
  /** The silence that was found and not broken yet. */
  silence: { due_ms: number; reminded: number } | null;
  /** The run has come to its end: kept for a while, so that a start which arrives late does not open it again. */
  ended: boolean;
  /** The start of a run. One that has spoken and was not heard to start owes nothing yet: its start may arrive late. */
  started: WordRef | null;
}

export interface UnjudgedOutput {
  subject: string;
  run: string | null;
  word: WordRef;
  /** The output must be newer than this; null: of any age. */
  newerThan_ms: number | null;
  /** When it is too late. */
  until_ms: number;
}

export const expectationKey = ({ declaredBy, id }: { declaredBy: string; id: string }): string => `${declaredBy}/${id}`;

/** Nothing that happened before this moment is judged; null while nobody has written down that it is in force. */
export function sinceOf({ ownSince_ms, otherSince_ms }: ExpectationState): number | null {
  return ownSince_ms === null ? null : Math.max(ownSince_ms, otherSince_ms ?? ownSince_ms);
}

/** Begins with a character that no subject begins with: a subject called `constructor` is nothing that every object has. */
export const trackKey = (subject: string, run: string | null): string => (run === null ? `/${subject}` : `/${subject}\n${run}`);

/** What a pattern waits for that nobody has answered to. */
export const NOBODY_YET = trackKey('', null);

/** A state as it is written: ten thousand tracks are read at every start, so that what they have in common is left out. */
export function packState(state: WatchState): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(state).map(([key, { tracks, ...rest }]) => [
      key,
      {
        ...rest,
        tracks: Object.entries(tracks).map(([id, { subject, run, heardSince_ms, last, due_ms, silence, ended, started }]) => {
          const common = [subject, run, heardSince_ms, last?.name ?? null, last?.time_ms ?? null, due_ms];
          return id === trackKey(subject, run) && silence === null && !ended && started === null ? common : [...common, id, silence, ended, started];
        }),
      },
    ]),
  );
}

type Packed = [
  string,
  string | null,
  number | null,
  string | null,
  number | null,
  number | null,
  string?,
  Track['silence']?,
  boolean?,
  (WordRef | null)?,
];

/** The opposite of {@link packState}. Throws on what it has not written. */
export function unpackState(packed: Record<string, unknown>): WatchState {
  return Object.fromEntries(
    Object.entries(packed).map(([key, value]) => {
      const { tracks, ...rest } = value as Omit<ExpectationState, 'tracks'> & { tracks: Packed[] };
      const unpacked: Record<string, Track> = {};
      for (const [subject, run, heardSince_ms, name, time_ms, due_ms, id, silence = null, ended = false, started = null] of tracks) {
        const last = name === null || time_ms === null ? null : { name, time_ms };
        unpacked[id ?? trackKey(subject, run)] = { subject, run, heardSince_ms, last, due_ms, silence, ended, started };
      }
      return [key, { ...rest, tracks: unpacked }];
    }),
  );
}
