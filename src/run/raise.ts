import type { Link } from '../model/artifacts.ts';
import type { EventDraft } from '../model/event.ts';
import { eventHash, fileName, parseName } from '../model/names.ts';
import type { Publication } from '../model/publication.ts';
import { WATCHDOG_SOURCE } from '../model/words.ts';
import { draftOf, findingId, type Grounds, overdueId } from '../plan/watchdog/draft.ts';
import type { Finding } from '../plan/watchdog/findings.ts';
import type { EventIndex } from '../store/event-index.ts';
import type { Layout } from '../store/layout.ts';
import type { Publisher } from '../store/publish.ts';
import { readArtifact } from '../store/read.ts';
import { prepare } from './record.ts';

export interface Raised {
  created: Publication<'event'>[];
  /** What cannot be written down, and why. */
  refused: string[];
}

interface Desk {
  layout: Layout;
  events: EventIndex;
  publisher: Publisher;
  now_ms: number;
}

/**
 * Writes down what the watchdog found and nobody has written down before: one event each, whoever finds it. What is
 * overdue comes first, so that a recovery can point at it.
 */
export async function raiseFindings(findings: readonly Finding[], desk: Desk): Promise<Raised> {
  const raised: Raised = { created: [], refused: [] };
  const isRecovery = ({ kind }: Finding): boolean => kind === 'recovered';
  await raise(
    findings.filter((finding) => !isRecovery(finding)),
    desk,
    raised,
  );
  await raise(findings.filter(isRecovery), desk, raised);
  return raised;
}

const hashOf = (id: string): string => eventHash(WATCHDOG_SOURCE, id);

async function raise(findings: readonly Finding[], desk: Desk, raised: Raised): Promise<void> {
  await publish(freshDrafts(findings, desk), desk, raised);
}

/** Drafts of those findings that are not on disk yet. */
export function freshDrafts(findings: readonly Finding[], { layout, events }: Pick<Desk, 'layout' | 'events'>): EventDraft[] {
  if (findings.length === 0) return [];
  const byHash = new Map(findings.map((finding) => [hashOf(findingId(finding)), finding]));
  const causes = findings.flatMap((finding) => (finding.kind === 'recovered' ? [hashOf(overdueId(finding))] : []));
  const known = events.find(new Set([...byHash.keys(), ...causes]));
  const fresh = [...byHash].filter(([hash]) => !known.has(hash)).map(([, finding]) => finding);
  return fresh.map((finding) => draftOf(finding, groundsOf(finding, known, layout)));
}

/** Writes drafts of the watchdog down; one that is there already stays as it is. */
export async function publish(
  drafts: readonly EventDraft[],
  { publisher, now_ms }: Pick<Desk, 'publisher' | 'now_ms'>,
  raised: Raised,
): Promise<void> {
  const items: Publication<'event'>[] = [];
  for (const draft of drafts) {
    const item = prepare(draft, now_ms, publisher.closedThrough());
    if (typeof item === 'string') raised.refused.push(`${draft.type} of ${draft.subject} cannot be written down: ${item}`);
    else items.push(item);
  }
  const results = await publisher.publishAll(items.map((item) => ({ chain: item.file, publication: item })));
  raised.created.push(...items.filter((_, i) => results[i] === 'created'));
}

function groundsOf(finding: Finding, known: ReadonlyMap<string, string>, layout: Layout): Grounds {
  const overdue = finding.kind === 'recovered' ? known.get(hashOf(overdueId(finding))) : undefined;
  const link = overdue === undefined ? null : (readWord(layout, overdue)?.link ?? null);
  return {
    word: ({ name }) => readWord(layout, name),
    overdue: overdue === undefined || link === null ? null : { link, time_ms: parseName(overdue)?.time_ms ?? 0 },
  };
}

function readWord(layout: Layout, event: string): { link: Link; recorded_ms: number } | null {
  const read = readArtifact(layout, 'event', 'events', event, fileName.event(event));
  return read.kind === 'ok' ? { link: read.stored.link, recorded_ms: Date.parse(read.stored.document.recordedtime) } : null;
}
