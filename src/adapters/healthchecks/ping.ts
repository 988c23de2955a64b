import { formatTime, parseTime } from '../../model/time.ts';
import { flawOf, isObject, quoted } from '../foreign.ts';
import { type Check, type Drafted, isUuid, SOURCE } from './check.ts';

/** Event type per ping; null: a ping that Healthchecks itself ignored (paused, filtered out, a method that is not allowed). */
const TYPES: Record<string, { type: string; words: string } | null> = {
  start: { type: 'run.started', words: 'the job signalled its start' },
  success: { type: 'run.succeeded', words: 'the job signalled success' },
  fail: { type: 'run.failed', words: 'the job signalled failure' },
  log: { type: 'run.progress', words: 'the job sent a log' },
  ign: null,
};

const rejected = (reason: string): Drafted => ({ kind: 'rejected', reason });

/**
 * One ping of a check, by its number. All that a ping says is the job's own claim. Who sent it and how (address, user agent) stays out, and so do the
 * link to its body, which holds the UUID, and its duration, which is missing once the start has left the log.
 */
export function pingDraft({ key, subject }: Check, ping: unknown): Drafted {
  if (!isObject(ping)) return rejected(`expected a ping, found ${quoted(ping)}`);
  const { type: kind, n, date, rid = null } = ping;
  if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 1) return rejected(`n must be the number of the ping, found ${quoted(n)}`);
  if (typeof kind !== 'string' || !Object.hasOwn(TYPES, kind)) {
    return rejected(`ping ${n}: unknown type ${quoted(kind)}; known are ${Object.keys(TYPES).join(', ')}`);
  }
  const meaning = TYPES[kind] ?? null;
  if (meaning === null) return { kind: 'nothing' };
  const time_ms = typeof date === 'string' ? parseTime(date) : null;
  if (time_ms === null) return rejected(`ping ${n}: date must be a time, found ${quoted(date)}`);
  if (rid !== null && !isUuid(rid)) return rejected(`ping ${n}: rid must be a UUID, found ${quoted(rid)}`);
  const draft = {
    source: SOURCE,
    id: `${key}:ping:${n}:${kind}`,
    type: meaning.type,
    subject,
    time: formatTime(time_ms),
    provenance: 'asserted' as const,
    ...(rid === null ? {} : { runid: rid }),
    data: { summary: meaning.words, ping: n },
  };
  const flaw = flawOf(draft);
  return flaw === null ? { kind: 'draft', draft } : rejected(`ping ${n}: ${flaw}`);
}
