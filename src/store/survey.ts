import { STAGES, type Stage } from '../model/artifacts.ts';
import type { Catalog } from '../model/catalog.ts';
import { isOfWrongClock } from '../model/clock.ts';
import { dayOf, fileName, nameOfFile } from '../model/names.ts';
import type { BadFile } from '../model/snapshot.ts';
import { currentReceipt, type Standing } from '../model/truth.ts';
import { ClosedDays } from './closed-days.ts';
import { completeKey, type DayIndex, readComplete } from './day-index.ts';
import { dayTimes, listDays, sameTimes } from './days.ts';
import { listFolder } from './folder.ts';
import type { ListedEvents } from './history.ts';
import type { Layout } from './layout.ts';
import { readArtifact } from './read.ts';
import { dayToSign, firstToSeal } from './seal-due.ts';

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
  /** Handoffs and receipts whose notice is not in the queue, and decisions that neither an event nor a notice goes with. */
  orphans: BadFile[];
  bad: BadFile[];
  /** All events of the days that were listed, and when those folders had changed before that. */
  events: ListedEvents;
  /** Names of notices on the days that were listed. */
  queued: Set<string>;
  /** Days that were listed now, with what is remembered of them. */
  listed: Map<string, { changeTimes: number[]; complete: Set<string> | null; queued: number }>;
  /** Earliest time that an unlisted day said its next step is due. */
  nextDue_ms: number | null;
}

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
export function surveyIdly(
  layout: Layout,
  index: DayIndex,
  { digest, seal }: Pick<Catalog, 'digest' | 'seal'>,
  now_ms: number,
): number | null | undefined {
  const result = nothingFound(now_ms);
  for (const _ of daysToList(layout, index, digest, now_ms, result)) return undefined;
  if (seal !== null && (firstToSeal(layout, index, seal.after_ms, now_ms) ?? (seal.keyFile && dayToSign(layout))) !== null) return undefined;
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
  const sealed = new ClosedDays(layout).sealedThrough();
  const isTrue = !isOfWrongClock(index.at_ms ?? 0, now_ms);
  for (const day of listDays(layout, result.bad)) {
    // Whatever lies in a sealed day is what its seal says, or for `rgov verify` to find.
    if (day <= sealed) continue;
    const changeTimes = dayTimes(layout, day, result.bad);
    if (changeTimes === null) continue;
    const memory = index.days[day];
    if (memory && sameTimes(memory.changeTimes, changeTimes)) {
      if (memory.settled) continue;
      if (isTrue && index.catalog === catalogDigest && (memory.nextDue_ms === null || memory.nextDue_ms > now_ms)) {
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
  const complete = orphans.length > 0 ? null : readComplete(layout.cache, day, queued.size);
  const decided = new Set(decisions.names);
  for (const name of events.names) {
    // What a cache says counts only for a decision that is still there: a restored state may lie below a newer cache.
    if (!decided.has(name)) result.undecided.push(name);
    else if (!complete?.has(completeKey(name))) result.unverified.push(name);
  }
  const happened = new Set(events.names);
  for (const [i, name] of decisions.names.entries()) {
    if (happened.has(name) || isFollowed(layout, name, queued)) continue;
    result.orphans.push({ path: `decisions/${day}/${decisions.files[i]}`, reason: 'parent_missing', detail: 'its event is not there' });
  }
  result.events.set(day, { names: events.names, changed_ms: changeTimes[STAGES.indexOf('events')] ?? 0 });
  result.listed.set(day, { changeTimes, complete, queued: queued.size });
}

/** Whether a notice rests on this decision: then it is no remnant of a power cut, and that its event is gone is for `rgov verify` to find. */
function isFollowed(layout: Layout, name: string, queued: ReadonlySet<string>): boolean {
  const read = readArtifact(layout, 'decision', 'decisions', name, fileName.decision(name));
  return read.kind === 'ok' && read.stored.document.notices.some(({ id }) => queued.has(id));
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
