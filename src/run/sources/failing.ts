import type { ResolvedSource } from '../../model/catalog.ts';
import type { EventDraft } from '../../model/event.ts';
import { formatDuration, formatTime } from '../../model/time.ts';
import { WATCHDOG_SOURCE } from '../../model/words.ts';
import type { SourceMemory } from './memory.ts';

const subjectOf = ({ name }: ResolvedSource): string => `source/${name}`;

/**
 * That nobody is listening: an event of its own once a source has failed so often in a row that it is no hiccup. One for each time that it
 * stays broken, because its id follows from when that began.
 */
export function failingDraft(source: ResolvedSource, { failures, failingSince_ms, why, asked_ms }: SourceMemory): EventDraft | null {
  if (failingSince_ms === null || failures < source.failAfter) return null;
  const since = formatTime(failingSince_ms);
  return {
    source: WATCHDOG_SOURCE,
    id: `source.failing/${source.name}/${since}`,
    type: 'source.failing',
    subject: subjectOf(source),
    time: since,
    severity: source.severity,
    provenance: 'derived',
    data: {
      summary: `nothing is heard of ${source.name} since ${since} (${formatDuration(asked_ms - failingSince_ms)}): ${why}`,
      adapter: source.adapter,
      reason: why,
    },
  };
}

/** That it is heard again, where it was said that it is not. */
export function recoveredDraft(source: ResolvedSource, before: SourceMemory | undefined, now_ms: number): EventDraft | null {
  if (before === undefined || before.failingSince_ms === null || before.failures < source.failAfter) return null;
  const since = formatTime(before.failingSince_ms);
  return {
    source: WATCHDOG_SOURCE,
    id: `source.recovered/${source.name}/${since}`,
    type: 'report.recovered',
    subject: subjectOf(source),
    time: formatTime(now_ms),
    provenance: 'derived',
    data: {
      summary: `${source.name} is heard again, after ${formatDuration(now_ms - before.failingSince_ms)}`,
      adapter: source.adapter,
      failingSince: since,
    },
  };
}
