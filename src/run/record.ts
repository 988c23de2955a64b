import type { Event, Stored } from '../model/artifacts.ts';
import { check } from '../model/check.ts';
import { canonicalEvent, type EventDraft, MAX_EVENT_BYTES, sameFact } from '../model/event.ts';
import { dayOf, eventHash, eventName, fileName } from '../model/names.ts';
import { asStored, type Publication, publication } from '../model/publication.ts';
import { isSubject, SUBJECT_WORDS } from '../model/subject.ts';
import { oneLine, truncate } from '../model/text.ts';
import { formatDuration } from '../model/time.ts';
import { CONFIRM_SOURCE, SEND_TEST_SOURCE, WATCHDOG_SOURCE } from '../model/words.ts';
import { EventIndex } from '../store/event-index.ts';
import type { Layout } from '../store/layout.ts';
import type { Publisher } from '../store/publish.ts';
import { readArtifact } from '../store/read.ts';

/** `conflict`: the same source and id is on disk with other content; that one stays the fact. */
type RecordStatus = 'recorded' | 'known' | 'conflict' | 'rejected';

export interface RecordResult {
  status: RecordStatus;
  /** Name of the event on disk; null if it was rejected. */
  event: string | null;
  /** Why it was rejected, or what it conflicts with; empty otherwise. */
  detail: string;
}

/** An event further ahead of the clock than this is a mistake in the emitter's clock or time zone. */
const MAX_AHEAD_MS = 86_400_000;
const BATCH = 256;

/** What may be written of a draft, or why nothing may. Up to the day `closedThrough` everything is sealed: see {@link canonicalEvent}. */
export function prepare(draft: EventDraft, now_ms: number, closedThrough: string): Publication<'event'> | string {
  if (!isSubject(draft.subject)) return `the subject must be ${SUBJECT_WORDS}, got ${JSON.stringify(truncate(oneLine(draft.subject), 60))}`;
  const event = canonicalEvent(draft, now_ms, closedThrough);
  const failure = check('event', event);
  if (failure) return failure.detail;
  const ahead_ms = Date.parse(event.time) - now_ms;
  if (ahead_ms > MAX_AHEAD_MS) return `its time ${event.time} lies ${formatDuration(ahead_ms)} in the future`;
  const name = eventName(event);
  const item = publication('event', 'events', name, fileName.event(name), event);
  const size = Buffer.byteLength(item.bytes);
  return size <= MAX_EVENT_BYTES ? item : `${size} bytes; an event has at most ${MAX_EVENT_BYTES}`;
}

/** The same for what comes from outside, where nobody may speak for the watchdog, or have a notice sent past the rules. */
export function prepareForeign(draft: EventDraft, now_ms: number, closedThrough: string): Publication<'event'> | string {
  if (draft.source === WATCHDOG_SOURCE) return `the source ${WATCHDOG_SOURCE} is the watchdog's own`;
  if (draft.source === SEND_TEST_SOURCE) return `the source ${SEND_TEST_SOURCE} is that of rgov send-test alone`;
  if (draft.source === CONFIRM_SOURCE) return `the source ${CONFIRM_SOURCE} is that of rgov ack and rgov confirm alone`;
  return prepare(draft, now_ms, closedThrough);
}

/** One event that is known to be new, durable when this returns. */
export function recordOne(publisher: Publisher, draft: EventDraft, now_ms: number): { result: RecordResult; stored: Stored<Event> | null } {
  const item = prepare(draft, now_ms, publisher.closedThrough());
  if (typeof item === 'string') return { result: { status: 'rejected', event: null, detail: item }, stored: null };
  const name = item.file.slice(0, -'.json'.length);
  const published = publisher.publishOne(item);
  // Its day was sealed in this very moment, so that it is filed under a later one.
  if (published === 'closed') return recordOne(publisher, draft, now_ms);
  if (published === 'differs') {
    const detail = `events/${item.day}/${item.file} is there already with other content`;
    return { result: { status: 'conflict', event: name, detail }, stored: null };
  }
  return { result: { status: 'recorded', event: name, detail: '' }, stored: asStored(name, item) };
}

/**
 * Many events from outside, durable when the promise resolves. Idempotent by source and id: what is on disk already is
 * not written again, whatever time or place the repetition names. Results are in the order of the drafts.
 */
export async function recordAll(
  layout: Layout,
  publisher: Publisher,
  drafts: readonly EventDraft[],
  now_ms: number,
  onProgress?: (done: number) => void,
): Promise<RecordResult[]> {
  const known = new EventIndex(layout).find(new Set(drafts.map(({ source, id }) => eventHash(source, id))));
  const results: RecordResult[] = [];
  for (let start = 0; start < drafts.length; start += BATCH) {
    let open = drafts.slice(start, start + BATCH).map((draft, i) => ({ at: start + i, draft }));
    while (open.length > 0) {
      open = await recordBatch(layout, publisher, open, { known, results, now_ms });
      // What is left is of a day that was sealed in this very moment: it is filed under a later one, unless it is in that seal.
      const meanwhile = new EventIndex(layout).find(new Set(open.map(({ draft }) => eventHash(draft.source, draft.id))));
      for (const [hash, name] of meanwhile) known.set(hash, name);
    }
    onProgress?.(Math.min(drafts.length, start + BATCH));
  }
  // Whoever wrote it may have died before it was durable, and this emitter is told that it is.
  publisher.syncDays(
    'events',
    results.flatMap(({ status, event }) => (status === 'known' && event !== null ? [dayOf(event)] : [])),
  );
  return results;
}

interface Numbered {
  at: number;
  draft: EventDraft;
}

/** Returns those that could not be written because their day was sealed meanwhile. */
async function recordBatch(
  layout: Layout,
  publisher: Publisher,
  drafts: readonly Numbered[],
  { known, results, now_ms }: { known: Map<string, string>; results: RecordResult[]; now_ms: number },
): Promise<Numbered[]> {
  const closedThrough = publisher.closedThrough();
  const fresh: (Numbered & { item: Publication<'event'> })[] = [];
  for (const { at, draft } of drafts) {
    const item = prepareForeign(draft, now_ms, closedThrough);
    if (typeof item === 'string') {
      results[at] = { status: 'rejected', event: null, detail: item };
      continue;
    }
    const name = item.file.slice(0, -'.json'.length);
    const hash = eventHash(draft.source, draft.id);
    const earlier = known.get(hash);
    if (earlier === undefined) {
      known.set(hash, name);
      fresh.push({ at, draft, item });
      results[at] = { status: 'recorded', event: name, detail: '' };
    } else {
      results[at] = compare(layout, earlier, item, fresh, draft.time === undefined);
    }
  }
  const published = await publisher.publishAll(fresh.map(({ item }) => ({ chain: item.file, publication: item })));
  const again = fresh.filter(({ at, item }, i) => {
    const status = published[i];
    // Another process was faster with the same name.
    if (status === 'same' || status === 'differs') results[at] = compare(layout, item.file.slice(0, -'.json'.length), item, [], false);
    return status === 'closed';
  });
  for (const { draft } of again) known.delete(eventHash(draft.source, draft.id));
  return again;
}

/** What a draft is beside the event that stands under its source and id: the same fact once more, or another one. */
export function compare(
  layout: Layout,
  name: string,
  item: Publication<'event'>,
  unpublished: readonly { item: Publication<'event'> }[],
  timeless: boolean,
): RecordResult {
  const waiting = unpublished.find(({ item: other }) => other.file === fileName.event(name))?.item.document;
  const read = waiting ? null : readArtifact(layout, 'event', 'events', name, fileName.event(name));
  const onDisk = waiting ?? (read?.kind === 'ok' ? read.stored.document : null);
  if (!onDisk) return { status: 'conflict', event: name, detail: `events/${dayOf(name)}/${name}.json is there and cannot be read` };
  // Without a time of its own an event took the time of its first recording.
  const repeated = timeless ? { ...item.document, time: onDisk.time } : item.document;
  if (sameFact(onDisk, repeated)) return { status: 'known', event: name, detail: '' };
  const { source, id } = onDisk;
  if (source !== item.document.source || id !== item.document.id)
    return { status: 'conflict', event: name, detail: 'its name collides with another event' };
  return { status: 'conflict', event: name, detail: `source ${source} and id ${id} stand for other content already` };
}
