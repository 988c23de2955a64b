import type { ReceiptStatus, Stage } from './artifacts.ts';
import { shortHash } from './hash.ts';

const SLUG_MAX = 60;
const NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{3})Z_([A-Za-z0-9.-]+)_([A-Za-z0-9.-]+)_([0-9a-f]{12})$/;
/** What belongs to a notice: its name, a number, and for some a word. */
const NUMBERED = /^([^_]+_[^_]+_[^_]+_[0-9a-f]{12})\.([1-9]\d{0,3})(?:\.([a-z_]+))?$/;
export const RECEIPT_STATUSES: readonly ReceiptStatus[] = ['acked', 'blocked', 'pending_external_send'];

/** Any text as a part of a file name: letters, digits, dots and dashes, at most 60 of them. */
function slug(text: string): string {
  const cleaned = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/_/g, '-')
    .replace(/[^A-Za-z0-9-]+/g, '.')
    .replace(/^\.+|\.+$/g, '')
    .slice(0, SLUG_MAX);
  return cleaned === '' ? 'x' : cleaned;
}

/** `2026-11-22T03:00:00.000Z` as names begin, `20261122T030000.000Z`. */
export const compactTime = (time: string): string => time.replace(/[-:]/g, '');

/** The time that the names of an event and of its notices begin with: its own, unless that day was sealed when it came in. */
export const filedTime = (event: { time: string; filedtime?: string }): string => event.filedtime ?? event.time;

/** The identity of an event is its source and id, as CloudEvents says; nothing else goes into the hash. */
export function eventHash(source: string, id: string): string {
  return shortHash(source, id);
}

export function eventName(event: { time: string; filedtime?: string; type: string; subject: string; source: string; id: string }): string {
  return [compactTime(filedTime(event)), slug(event.type), slug(event.subject), eventHash(event.source, event.id)].join('_');
}

/** One event, one rule, one target: one notice. */
export function noticeName(notice: { time: string; event: string; pack: string; rule: string; target: string }): string {
  const hash = shortHash(notice.event, notice.pack, notice.rule, notice.target);
  return [compactTime(notice.time), slug(notice.rule), slug(notice.target), hash].join('_');
}

export interface ParsedName {
  /** UTC day, `2026-11-22`: the folder. */
  day: string;
  /** Milliseconds since the epoch. */
  time_ms: number;
  /** Type of an event, rule of a notice. */
  what: string;
  /** Subject of an event, target of a notice. */
  whom: string;
  hash: string;
}

/** The parts of an event's or a notice's name, or null if it is none. */
export function parseName(name: string): ParsedName | null {
  const match = NAME.exec(name);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, ms, what, whom, hash] = match as unknown as string[];
  const time_ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  if (Number.isNaN(time_ms)) return null;
  return { day: `${year}-${month}-${day}`, time_ms, what: what as string, whom: whom as string, hash: hash as string };
}

/** The day folder that a name belongs to. Cheap: for names that were checked before. */
export function dayOf(name: string): string {
  return `${name.slice(0, 4)}-${name.slice(4, 6)}-${name.slice(6, 8)}`;
}

/** The name of the event or notice that a link leads to (no handoff and no receipt: their files have more behind the name). */
export function linkedName({ path }: { path: string }): string {
  return path.slice(path.lastIndexOf('/') + 1, -'.json'.length);
}

/** File names, without the folder. */
export const fileName = {
  event: (name: string): string => `${name}.json`,
  decision: (event: string): string => `${event}.json`,
  notice: (name: string): string => `${name}.json`,
  handoff: (notice: string, attempt: number): string => `${notice}.${attempt}.json`,
  claim: (notice: string, attempt: number): string => `${notice}.${attempt}.claimed.json`,
  deferral: (notice: string, attempt: number): string => `${notice}.${attempt}.deferred.json`,
  receipt: (notice: string, revision: number, status: ReceiptStatus): string => `${notice}.${revision}.${status}.json`,
  reopening: (notice: string, revision: number): string => `${notice}.${revision}.reopened.json`,
};

export type ParsedFile =
  | { kind: 'event' | 'decision' | 'notice'; name: string }
  | { kind: 'handoff' | 'claim' | 'deferral'; name: string; attempt: number }
  | { kind: 'receipt'; name: string; revision: number; status: ReceiptStatus }
  | { kind: 'reopening'; name: string; revision: number };

const PLAIN_KIND = { events: 'event', decisions: 'decision', queue: 'notice' } as const;

/** What a file is, by the stage it lies in and its name; null if it belongs to no artifact of that day. */
export function parseFile(stage: Stage, day: string, file: string): ParsedFile | null {
  if (!file.endsWith('.json')) return null;
  const stem = file.slice(0, -'.json'.length);
  if (stage === 'events' || stage === 'decisions' || stage === 'queue') {
    return parseName(stem)?.day === day ? { kind: PLAIN_KIND[stage], name: stem } : null;
  }
  const match = NUMBERED.exec(stem);
  if (!match) return null;
  const [, name = '', digits = '', suffix] = match;
  if (parseName(name)?.day !== day) return null;
  const number = Number(digits);
  if (stage === 'handoffs') {
    if (suffix === undefined) return { kind: 'handoff', name, attempt: number };
    if (suffix === 'claimed') return { kind: 'claim', name, attempt: number };
    return suffix === 'deferred' ? { kind: 'deferral', name, attempt: number } : null;
  }
  if (suffix === 'reopened') return { kind: 'reopening', name, revision: number };
  const status = RECEIPT_STATUSES.find((known) => known === suffix);
  return status === undefined ? null : { kind: 'receipt', name, revision: number, status };
}

const PLAIN_FILE = /^\d{8}T(?:[01]\d|2[0-3])[0-5]\d[0-5]\d\.\d{3}Z_[A-Za-z0-9.-]+_[A-Za-z0-9.-]+_[0-9a-f]{12}\.json$/;
const NUMBERED_FILE = /^\d{8}T(?:[01]\d|2[0-3])[0-5]\d[0-5]\d\.\d{3}Z_[A-Za-z0-9.-]+_[A-Za-z0-9.-]+_[0-9a-f]{12}\.[1-9]\d{0,3}(?:\.[a-z_]+)?\.json$/;

/**
 * The name that a file belongs to, as {@link parseFile} finds it, or null: for folders with very many files. `compactDay`
 * is the folder's day as names begin with it, `20261122`.
 */
export function nameOfFile(stage: Stage, compactDay: string, file: string): string | null {
  if (!file.startsWith(compactDay)) return null;
  if (stage === 'events' || stage === 'decisions' || stage === 'queue') return PLAIN_FILE.test(file) ? file.slice(0, -'.json'.length) : null;
  if (!NUMBERED_FILE.test(file)) return null;
  const name = file.slice(0, file.indexOf('_', file.indexOf('_', 21) + 1) + 13);
  const tail = file.slice(name.length + 1, -'.json'.length);
  const word = tail.includes('.') ? tail.slice(tail.indexOf('.') + 1) : '';
  const known =
    stage === 'handoffs'
      ? word === '' || word === 'deferred' || word === 'claimed'
      : word === 'reopened' || RECEIPT_STATUSES.includes(word as ReceiptStatus);
  return known ? name : null;
}

/** The file of a subject's record. Subjects that only differ in what a slug drops get a hash. */
export function subjectFile(subject: string): string {
  const plain = slug(subject);
  return /^[A-Za-z0-9-]+(\/[A-Za-z0-9-]+)*$/.test(subject) && plain.length < SLUG_MAX ? `${plain}.json` : `${plain}_${shortHash(subject)}.json`;
}
