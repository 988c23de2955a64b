import { lstatSync, readdirSync } from 'node:fs';
import { STAGES, type Stage } from '../model/artifacts.ts';
import { isErrno } from '../model/errors.ts';
import { dayOf, nameOfFile } from '../model/names.ts';
import type { BadFile } from '../model/snapshot.ts';
import { currentReceipt, type Standing } from '../model/truth.ts';
import { completeKey, type DayIndex, readComplete } from './day-index.ts';
import { errno, stateError } from './files.ts';
import type { Layout } from './layout.ts';

/** A notice without a receipt, or one that was opened again, by names alone. */
export interface OpenName {
  name: string;
  /** Number of the last attempt; 0 if there is none. */
  attempt: number;
  claimed: boolean;
  deferred: boolean;
  /** The file by which a human opened it again; null if nobody did. */
  reopened: string | null;
}

/** Names of events by day, for whoever would else list the same folders once more. */
export type ListedEvents = Map<string, { names: string[]; changed_ms: number }>;

/** What the names on disk say is not settled. */
export interface Survey {
  /** When the look began, in milliseconds. */
  at_ms: number;
  /** Events without a decision. */
  undecided: string[];
  /** Events whose decision was not yet compared with the queue. */
  unverified: string[];
  open: OpenName[];
  /** Notices whose outcome is no proof, with the file that says so. */
  unproved: { name: string; receipt: string }[];
  /** Handoffs and receipts whose notice is not in the queue. */
  orphans: BadFile[];
  bad: BadFile[];
  /** All events of the days that were listed, and when those folders had changed before that. */
  events: ListedEvents;
  /** Names of notices on the days that were listed. */
  queued: Set<string>;
  /** Days that were listed now, with what is remembered of them. */
  listed: Map<string, { changeTimes: number[]; complete: Set<string>; queued: number }>;
  /** Earliest time that an unlisted day said its next step is due. */
  nextDue_ms: number | null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Looks over all days. A day that has not changed since it was remembered, and where nothing is due, is not listed.
 * Children are listed before what caused them: whatever is seen, its cause was there before and is seen too.
 */
export function survey(layout: Layout, index: DayIndex, catalogDigest: string, now_ms: number): Survey {
  const result = nothingFound(now_ms);
  for (const { day, changeTimes } of daysToList(layout, index, catalogDigest, now_ms, result)) surveyDay(layout, day, changeTimes, result);
  return result;
}

/** When the next step is due, if no day has to be listed before that; undefined if one has to be looked at now. */
export function surveyIdly(layout: Layout, index: DayIndex, catalogDigest: string, now_ms: number): number | null | undefined {
  const result = nothingFound(now_ms);
  for (const _ of daysToList(layout, index, catalogDigest, now_ms, result)) return undefined;
  return result.bad.length > 0 ? undefined : result.nextDue_ms;
}

/** Days that have changed, or on which something is due. */
function* daysToList(
  layout: Layout,
  index: DayIndex,
  catalogDigest: string,
  now_ms: number,
  result: Survey,
): Generator<{ day: string; changeTimes: number[] }> {
  for (const day of listDays(layout, result.bad)) {
    const changeTimes = dayTimes(layout, day, result.bad);
    if (changeTimes === null) continue;
    const memory = index.days[day];
    if (memory && sameTimes(memory.changeTimes, changeTimes)) {
      if (memory.settled) continue;
      if (index.catalog === catalogDigest && (memory.nextDue_ms === null || memory.nextDue_ms > now_ms)) {
        if (memory.nextDue_ms !== null) result.nextDue_ms = Math.min(result.nextDue_ms ?? Infinity, memory.nextDue_ms);
        continue;
      }
    }
    yield { day, changeTimes };
  }
}

/** A look at nothing at all. */
export function nothingFound(now_ms: number): Survey {
  return {
    at_ms: now_ms,
    undecided: [],
    unverified: [],
    open: [],
    unproved: [],
    orphans: [],
    bad: [],
    events: new Map(),
    queued: new Set(),
    listed: new Map(),
    nextDue_ms: null,
  };
}

/** All days that any stage has a folder for, sorted. */
export function listDays(layout: Layout, bad: BadFile[] = []): string[] {
  const days = new Set<string>();
  for (const stage of STAGES) {
    const folder = layout.stage(stage);
    refuseOtherThanFolder(folder);
    for (const name of listFolder(folder)) {
      if (DAY.test(name)) days.add(name);
      else if (!name.startsWith('.'))
        bad.push({ path: `${stage}/${name}`, reason: 'name_invalid', detail: 'the folders here are named after days, such as 2026-11-22' });
    }
  }
  return [...days].sort();
}

/** Behind a link lie other people's files, and below a file lies nothing: a human has to put this right. */
function refuseOtherThanFolder(path: string): void {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat && !stat.isDirectory()) throw errno(stat.isSymbolicLink() ? 'ELOOP' : 'ENOTDIR', path);
  } catch (error) {
    throw stateError('list', path, error);
  }
}

/** Names in a folder; none if there is no folder. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return [];
    throw stateError('list', path, error);
  }
}

/** When the folders of a day changed, in milliseconds; null if something else stands where one of them should be. */
function dayTimes(layout: Layout, day: string, bad: BadFile[]): number[] | null {
  const before = bad.length;
  const times = STAGES.map((stage) => {
    // Not join(): with a year of days that is most of what an idle pass does.
    const path = `${layout.root}/${stage}/${day}`;
    try {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (!stat) return 0;
      if (stat.isDirectory()) return stat.ctimeMs;
      const what = stat.isSymbolicLink() ? 'a symbolic link' : 'a file';
      bad.push({ path: `${stage}/${day}`, reason: 'name_invalid', detail: `${what} stands where the folder of a day should be` });
      return 0;
    } catch (error) {
      throw stateError('read', path, error);
    }
  });
  return bad.length === before ? times : null;
}

const sameTimes = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((time, i) => time === b[i]);

function surveyDay(layout: Layout, day: string, changeTimes: number[], result: Survey): void {
  const read = (stage: Stage) => listDayFiles(layout, stage, day, result.bad);
  const receipts = read('receipts');
  const handoffs = read('handoffs');
  const queue = read('queue');
  const decisions = read('decisions');
  const events = read('events');

  const queued = new Set(queue.names);
  const standing = standings(receipts);
  const open = queue.names.filter((name) => (standing.get(name)?.status ?? 'reopened') === 'reopened');
  for (const name of queued) result.queued.add(name);
  result.open.push(...lastAttempts(open, handoffs, standing));
  for (const [name, { status, file }] of standing) {
    if ((status === 'blocked' || status === 'pending_external_send') && queued.has(name)) result.unproved.push({ name, receipt: file });
  }

  const orphans = [receipts, handoffs].flatMap(({ stage, files, names }) =>
    files.filter((_, i) => !queued.has(names[i] as string)).map((file) => `${stage}/${day}/${file}`),
  );
  for (const path of orphans) result.orphans.push({ path, reason: 'parent_missing', detail: 'its notice is not in the queue' });

  // A notice that is gone makes every decision of the day worth reading again: one of them may ask for it.
  const complete = orphans.length > 0 ? new Set<string>() : readComplete(layout.cache, day, queued.size);
  const decided = new Set(decisions.names);
  for (const name of events.names) {
    // What a cache says counts only for a decision that is still there: a restored state may lie below a newer cache.
    if (!decided.has(name)) result.undecided.push(name);
    else if (!complete.has(completeKey(name))) result.unverified.push(name);
  }
  result.events.set(day, { names: events.names, changed_ms: changeTimes[STAGES.indexOf('events')] ?? 0 });
  result.listed.set(day, { changeTimes, complete, queued: queued.size });
}

interface StandingFile {
  file: string;
  revision: number;
  status: Standing;
}

/** What the highest revision of each notice says. */
function standings({ names, files }: DayFiles): Map<string, StandingFile> {
  const byNotice = new Map<string, StandingFile>();
  names.forEach((name, i) => {
    const file = files[i] as string;
    const [, revision, status] = file.slice(name.length).split('.');
    const item = { file, revision: Number(revision), status: status as Standing };
    const best = byNotice.get(name);
    byNotice.set(name, best ? (currentReceipt([best, item]) as StandingFile) : item);
  });
  return byNotice;
}

/** Open notices with their last attempt. */
function lastAttempts(open: readonly string[], { names, files }: DayFiles, standing: ReadonlyMap<string, StandingFile>): OpenName[] {
  const attempts = new Map<string, OpenName>(
    open.map((name) => [name, { name, attempt: 0, claimed: false, deferred: false, reopened: standing.get(name)?.file ?? null }]),
  );
  if (attempts.size === 0) return [];
  names.forEach((name, i) => {
    const known = attempts.get(name);
    if (!known) return;
    const [, number, word] = (files[i] as string).slice(name.length).split('.');
    const attempt = Number(number);
    if (attempt > known.attempt) Object.assign(known, { attempt, claimed: false, deferred: false });
    if (attempt < known.attempt) return;
    if (word === 'deferred') known.deferred = true;
    if (word === 'claimed') known.claimed = true;
  });
  return [...attempts.values()];
}

/** Artifacts of one stage and day: file names, and the names that they belong to, at the same index. */
interface DayFiles {
  stage: Stage;
  files: string[];
  names: string[];
}

function listDayFiles(layout: Layout, stage: Stage, day: string, bad: BadFile[]): DayFiles {
  const compactDay = day.replaceAll('-', '');
  const result: DayFiles = { stage, files: [], names: [] };
  for (const file of listFolder(layout.day(stage, day))) {
    const name = nameOfFile(stage, compactDay, file);
    if (name !== null) {
      result.files.push(file);
      result.names.push(name);
    } else if (!file.startsWith('.')) {
      bad.push({
        path: `${stage}/${day}/${file}`,
        reason: 'name_invalid',
        detail: 'the name is none of this folder; see README, "The way of the data"',
      });
    }
  }
  return result;
}

/** True if there is an outcome of this notice now: a receipt that no human has taken back. */
export function isSettled(layout: Layout, notice: string): boolean {
  const files = listFolder(layout.day('receipts', dayOf(notice))).filter((file) => file.startsWith(`${notice}.`));
  const standing = standings({ stage: 'receipts', files, names: files.map(() => notice) }).get(notice);
  return standing !== undefined && standing.status !== 'reopened';
}

/** True if an event of that name is on disk. */
export function eventIsThere(layout: Layout, event: string): boolean {
  return lstatSync(`${layout.day('events', dayOf(event))}/${event}.json`, { throwIfNoEntry: false }) !== undefined;
}

/** Names of all events of a day, and when its folder had changed before they were listed; taken from a listing where there is one. */
export function eventsOf(layout: Layout, day: string, listed: ListedEvents): { names(): string[]; changed_ms: number } {
  const known = listed.get(day);
  if (known) return { names: () => known.names, changed_ms: known.changed_ms };
  const changed_ms = lstatSync(layout.day('events', day), { throwIfNoEntry: false })?.ctimeMs ?? 0;
  const compactDay = day.replaceAll('-', '');
  return { changed_ms, names: () => listFolder(layout.day('events', day)).flatMap((file) => nameOfFile('events', compactDay, file) ?? []) };
}
