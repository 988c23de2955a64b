import type { Event, Stored } from './artifacts.ts';

/** The `source` of everything that the watchdog itself finds. */
export const WATCHDOG_SOURCE = 'rgov/watchdog';
/** The `source` of everything that `rgov send-test` asks for. */
export const SEND_TEST_SOURCE = 'rgov/send-test';

/** The `source` of what is said of notices whose day is sealed. */
export const CONFIRM_SOURCE = 'rgov/confirm';
/** How the jobs are named that make our own passes inside a runtime (`rgov activate`). */
export const PASS_JOB_PREFIX = 'rgov-reconcile-';
const OWN_SOURCES: readonly string[] = [WATCHDOG_SOURCE, SEND_TEST_SOURCE, CONFIRM_SOURCE];

/** A point in what was heard: the event, and when it counts. */
export interface WordRef {
  /** Name of the event. */
  name: string;
  /** When it happened, but never later than it was written down: a clock that runs ahead vouches for nothing. */
  time_ms: number;
}

/** What the watchdog keeps of an event that somebody else than itself has reported. */
export interface Word extends WordRef {
  type: string;
  subject: string;
  runid: string | null;
}

/** True if `a` comes after `b`; the name decides between words of the same moment, so that every order of reading gives the same. */
export function isLater(a: WordRef, b: WordRef): boolean {
  return a.time_ms > b.time_ms || (a.time_ms === b.time_ms && a.name > b.name);
}

/** Whether somebody was heard of; findings of a watchdog, ours or another's, and tests of a way out are nobody's word. */
export function isWord({ source, provenance }: Pick<Event, 'source' | 'provenance'>): boolean {
  return !OWN_SOURCES.includes(source) && provenance !== 'derived';
}

export function wordOf({ name, document }: Pick<Stored<Event>, 'name' | 'document'>): Word {
  const { type, subject, runid, time, recordedtime } = document;
  return { name, type, subject, runid: runid ?? null, time_ms: Math.min(Date.parse(time), Date.parse(recordedtime)) };
}
