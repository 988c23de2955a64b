import type { Event } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import type { EventDraft } from '../model/event.ts';
import { EVIDENCE_WORDS } from '../model/evidence.ts';
import { shortHash } from '../model/hash.ts';
import { dayOf, eventHash, fileName, linkedName } from '../model/names.ts';
import { truncate } from '../model/text.ts';
import { formatTime } from '../model/time.ts';
import { CONFIRM_SOURCE } from '../model/words.ts';
import { standingBehind } from '../plan/promises/index.ts';
import { EventIndex } from '../store/event-index.ts';
import type { Layout } from '../store/layout.ts';
import type { Publisher } from '../store/publish.ts';
import { readArtifact } from '../store/read.ts';
import { believedStanding, type Told } from './evidence.ts';
import { recordOne } from './record.ts';

/** What is said of a notice whose day is sealed: a fact of its own, as nothing is added to that day any more. */
export interface LateFact {
  /** Name of the event that says so. */
  event: string;
  /** False: it was said before, and nothing was written. */
  isNews: boolean;
}

/** Whether what is said of a notice now can only be a fact of a later day. */
export const isLate = (publisher: Publisher, notice: string): boolean => dayOf(notice) <= publisher.closedThrough();

/** Writes it down as an event of today that refers to the notice; durable when this returns. */
export function recordLate(layout: Layout, publisher: Publisher, told: Told, now_ms: number): LateFact {
  const draft = draftOf(layout, told, now_ms);
  const hash = eventHash(draft.source, draft.id);
  const before = new EventIndex(layout).find(new Set([hash])).get(hash);
  if (before !== undefined) {
    publisher.syncDays('events', [dayOf(before)]);
    return { event: before, isNews: false };
  }
  const { result } = recordOne(publisher, draft, now_ms);
  if (result.event === null) throw new RgovError('negative', `nothing was written: ${result.detail}`, { hint: `rgov explain ${told.notice.name}` });
  return { event: result.event, isNews: result.status === 'recorded' };
}

function draftOf(layout: Layout, { notice, handoff, said }: Told, now_ms: number): EventDraft {
  const { name, document } = notice;
  const type = said.kind === 'failure' ? 'notice.bounced' : said.evidence.level === 'acknowledged' ? 'notice.acknowledged' : 'notice.confirmed';
  const which = said.kind === 'failure' ? [said.by, said.detail] : [said.evidence.by, said.evidence.level, said.evidence.reference];
  const { depth, original } = standingBehind(document, eventOf(layout, notice));
  const words =
    said.kind === 'failure' ? `it did not arrive (${said.by}: ${said.detail})` : `${EVIDENCE_WORDS[said.evidence.level]} (${said.evidence.by})`;
  return {
    source: CONFIRM_SOURCE,
    id: `${type}/${name}/${shortHash(...which)}`,
    type,
    subject: document.subject,
    time: formatTime(now_ms),
    provenance: said.kind === 'evidence' && said.evidence.by.startsWith('human:') ? 'asserted' : 'observed',
    data: {
      summary: truncate(`to ${document.target}: ${words}: ${original.title}`, 1000),
      notice: name,
      about: notice.link,
      receipt: believedStanding(layout, name).receipt?.link ?? null,
      handoff: handoff?.link ?? null,
      ...(said.kind === 'failure' ? { failure: { by: said.by, detail: said.detail } } : { evidence: said.evidence }),
      target: document.target,
      requires: document.requires,
      rule: document.rule,
      depth: depth + 1,
      original,
    },
  };
}

function eventOf(layout: Layout, { document }: Told['notice']): Event | null {
  const name = linkedName(document.event);
  const read = readArtifact(layout, 'event', 'events', name, fileName.event(name));
  return read.kind === 'ok' ? read.stored.document : null;
}
