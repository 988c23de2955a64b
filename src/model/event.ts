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

/** The canonical form: UTC with milliseconds, every attribute in a fixed order. `recordedAt_ms` is the moment of writing. */
export function canonicalEvent(draft: EventDraft, recordedAt_ms: number): Event {
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
    severity: draft.severity ?? defaultSeverity(draft.type),
    provenance: draft.provenance,
    ...(draft.runid === undefined ? {} : { runid: draft.runid }),
    ...draft.extensions,
    ...(draft.dataschema === undefined ? {} : { dataschema: draft.dataschema }),
    ...(draft.data === undefined ? {} : { datacontenttype: 'application/json' as const, data: draft.data }),
  };
}

/** Whether two events state the same fact; when each was written down does not matter. */
export function sameFact(a: Event, b: Event): boolean {
  return comparable(a) === comparable(b);
}

function comparable(event: Event): string {
  const { recordedtime: _, ...fact } = event;
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
