import type { Event, Evidence, ReceiptStatus } from '../model/artifacts.ts';
import { type EvidenceLevel, highest, reaches } from '../model/evidence.ts';
import { fileName } from '../model/names.ts';
import { CONFIRM_SOURCE } from '../model/words.ts';
import { ClosedDays } from '../store/closed-days.ts';
import { eventsOf, listAllDays } from '../store/history.ts';
import type { Layout } from '../store/layout.ts';
import { readArtifact } from '../store/read.ts';
import { ofSealedDays, type SealedCache } from '../store/sealed-cache.ts';

/** What was said of a notice after its day was sealed. */
export interface LateWord {
  notice: string;
  /** Name of the event that says so. */
  event: string;
  at: string;
  evidence: Evidence | null;
  failure: { by: string; detail: string } | null;
}

const LATE_WORDS: SealedCache = { name: 'late-words', format: 1 };
const TYPES = /_notice\.(?:acknowledged|confirmed|bounced)_/;

/** Everything that was said late, by notice, in order of time. */
export function lateWords(layout: Layout): Map<string, LateWord[]> {
  const sealed = new ClosedDays(layout).sealedThrough();
  if (sealed === '') return new Map();
  const open = listAllDays(layout).filter((day) => day > sealed);
  const all = [...ofSealedDays(layout, LATE_WORDS, (day) => wordsOn(layout, day)), ...open.flatMap((day) => wordsOn(layout, day))];
  const byNotice = new Map<string, LateWord[]>();
  for (const word of all) byNotice.set(word.notice, [...(byNotice.get(word.notice) ?? []), word]);
  return byNotice;
}

function wordsOn(layout: Layout, day: string): LateWord[] {
  return eventsOf(layout, day, new Map())
    .names()
    .filter((name) => TYPES.test(name))
    .flatMap((name) => {
      const read = readArtifact(layout, 'event', 'events', name, fileName.event(name));
      return read.kind === 'ok' ? wordIn(name, read.stored.document) : [];
    });
}

function wordIn(event: string, { source, time, data }: Event): LateWord[] {
  const { notice, evidence, failure } = (data ?? {}) as { notice?: unknown; evidence?: Evidence; failure?: LateWord['failure'] };
  if (source !== CONFIRM_SOURCE || typeof notice !== 'string') return [];
  return [{ notice, event, at: time, evidence: evidence ?? null, failure: failure ?? null }];
}

/** What a sealed receipt comes to with what was said since. A human's own word outweighs every report that it did not arrive. */
export function statusAfter(status: ReceiptStatus, requires: EvidenceLevel, words: readonly LateWord[]): ReceiptStatus {
  const human = words.some(({ evidence }) => evidence?.by.startsWith('human:') && reaches(evidence.level, requires));
  if (human) return 'acked';
  const last = words.at(-1);
  if (last === undefined) return status;
  if (last.failure) return 'blocked';
  const since = words.slice(words.findLastIndex(({ failure }) => failure !== null) + 1);
  const level = highest(since.flatMap(({ evidence }) => evidence?.level ?? []));
  return reaches(level, requires) ? 'acked' : status;
}
