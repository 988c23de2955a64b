import type { Event, Provenance, Severity } from './artifacts.ts';
import { defaultSeverity } from './event-types.ts';
import { formatTime, parseTime } from './time.ts';

/** The largest event, in bytes as serialised. Output tails and foreign payloads are cut or refused before they reach it. */
export const MAX_EVENT_BYTES = 256 * 1024;

/** An event as an adapter or an intake command knows it, before it is written down. */
export interface EventDraft {
  /** URI reference of who says so (CloudEvents `source`). */
  source: string;
  /** Unique within the source: the same fact always has the same id. */
  id: string;
  type: string;
  subject: string;
  /** RFC 3339 in any zone; without it the time of recording counts. */
  time?: string;
  /** Without it the type's own. */
  severity?: Severity;
  provenance: Provenance;
  runid?: string;
  data?: Record<string, unknown>;
  dataschema?: string;
  /** Further CloudEvents extension attributes. */
  extensions?: Record<string, string | number | boolean>;
}

const DAY_MS = 86_400_000;

/**
 * The canonical form: UTC with milliseconds, every attribute in a fixed order. `recordedAt_ms` is the moment of writing; a fact about
 * `closedThrough` or a day before it is filed under the day of writing.
 */
export function canonicalEvent(draft: EventDraft, recordedAt_ms: number, closedThrough = ''): Event {
  const recordedtime = formatTime(recordedAt_ms);
  const time_ms = draft.time === undefined ? recordedAt_ms : parseTime(draft.time);
  return {
    specversion: '1.0',
    id: draft.id,
    source: draft.source,
    type: draft.type,
    subject: draft.subject,
    // A time that does not parse is left as it is: the schema then refuses it and says so.
    time: time_ms === null ? (draft.time as string) : formatTime(time_ms),
    recordedtime,
    ...(time_ms !== null && dayAt(time_ms) <= closedThrough ? { filedtime: filedTime(recordedAt_ms, closedThrough) } : {}),
    severity: draft.severity ?? defaultSeverity(draft.type),
    provenance: draft.provenance,
    ...(draft.runid === undefined ? {} : { runid: draft.runid }),
    ...withoutFiledTime(draft.extensions),
    ...(draft.dataschema === undefined ? {} : { dataschema: draft.dataschema }),
    ...(draft.data === undefined ? {} : { datacontenttype: 'application/json' as const, data: draft.data }),
  };
}

const dayAt = (time_ms: number): string => formatTime(time_ms).slice(0, 10);

/** Where a clock that ran ahead had days sealed that are still to come, the first one after those. */
function filedTime(recordedAt_ms: number, closedThrough: string): string {
  return dayAt(recordedAt_ms) > closedThrough ? formatTime(recordedAt_ms) : formatTime(Date.parse(`${closedThrough}T00:00:00.000Z`) + DAY_MS);
}

/** Where an event is filed is nobody else's to say. */
function withoutFiledTime({ filedtime: _, ...extensions }: NonNullable<EventDraft['extensions']> = {}): EventDraft['extensions'] {
  return extensions;
}

/** Whether two events state the same fact; when each was written down does not matter. */
export function sameFact(a: Event, b: Event): boolean {
  return comparable(a) === comparable(b);
}

function comparable(event: Event): string {
  const { recordedtime: _, filedtime: __, ...fact } = event;
  return JSON.stringify(sorted(fact));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
