import type { Event, Notice, Receipt, Severity, Stored } from '../../model/artifacts.ts';
import { canonicalEvent, type EventDraft } from '../../model/event.ts';
import { eventName, fileName, noticeName } from '../../model/names.ts';
import { type Publication, publication } from '../../model/publication.ts';
import type { UnprovedNotice } from '../../model/snapshot.ts';
import { formatTime } from '../../model/time.ts';
import { CONFIRM_SOURCE, WATCHDOG_SOURCE } from '../../model/words.ts';
import { isTest } from '../features/send-test/index.ts';

/** An event that a notice without proof brings about, at its time. */
export interface BrokenPromise {
  at_ms: number;
  /** Name of the event. */
  name: string;
  /** Of an escalation: who is told next. */
  escalation: { step: number; target: string } | null;
  draft: EventDraft;
}

type Unproved = Pick<UnprovedNotice, 'notice' | 'receipt' | 'depth' | 'original'>;

/** Everything that will have to be said of a notice while nobody has proved that its target was told, in order of time. */
export function promisesOf(unproved: Unproved): BrokenPromise[] {
  const { notice, receipt } = unproved;
  // Whoever asked for a test reads what came of it; nobody has missed anything.
  if (isTest(notice.document)) return [];
  const { deadline, escalate = [] } = notice.document;
  const broken: BrokenPromise[] = [];
  if (deadline !== null) broken.push(promise(unproved, 'notice.overdue', deadline, null));
  if (receipt?.document.status === 'blocked') broken.push(promise(unproved, 'notice.bounced', receipt.document.recordedAt, null));
  escalate.forEach(({ at, target }, i) => {
    broken.push(promise(unproved, 'notice.escalated', at, { step: i + 1, target }));
  });
  return broken.sort((a, b) => a.at_ms - b.at_ms || (a.name < b.name ? -1 : 1));
}

/** The notices that escalations before this one have raised: where one of those is proved, nobody else need be told. */
export function noticesBefore(unproved: Unproved, step: number): string[] {
  const { rule } = unproved.notice.document;
  return promisesOf(unproved).flatMap(({ name, draft, escalation }) =>
    escalation !== null && escalation.step < step
      ? [noticeName({ time: draft.time as string, event: name, pack: rule.pack, rule: rule.id, target: escalation.target })]
      : [],
  );
}

/** The event as it is written down now. */
export function writtenDown({ draft, name }: BrokenPromise, now_ms: number): Publication<'event'> {
  return publication('event', 'events', name, fileName.event(name), canonicalEvent(draft, now_ms));
}

function promise(
  { notice, receipt, depth, original }: Unproved,
  type: 'notice.overdue' | 'notice.bounced' | 'notice.escalated',
  time: string,
  escalation: BrokenPromise['escalation'],
): BrokenPromise {
  const { subject, target, requires, deadline, rule } = notice.document;
  const which = type === 'notice.bounced' ? String(receipt?.document.revision) : escalation === null ? '' : String(escalation.step);
  const draft: EventDraft = {
    source: WATCHDOG_SOURCE,
    id: [type, notice.name, which].filter((part) => part !== '').join('/'),
    type,
    subject,
    time,
    severity: atLeastError(notice.document.severity),
    provenance: 'derived',
    data: {
      summary: `to ${target}${escalation === null ? '' : `, so ${escalation.target} is told`}: ${outcome(receipt)}: ${original.title}`,
      notice: notice.name,
      about: notice.link,
      receipt: receipt?.link ?? null,
      target,
      requires,
      ...(deadline === null ? {} : { deadline }),
      rule,
      depth: depth + 1,
      ...(escalation === null ? {} : { escalation }),
      original,
    },
  };
  return { at_ms: Date.parse(time), name: eventName({ ...draft, time: formatTime(Date.parse(time)) }), escalation, draft };
}

function outcome(receipt: Stored<Receipt> | null): string {
  if (receipt === null) return 'not sent yet';
  const { status, reason, detail } = receipt.document;
  return `${status} (${reason}${detail === '' ? '' : `, ${detail}`})`;
}

const atLeastError = (severity: Severity): Severity => (severity === 'critical' ? severity : 'error');

/** What stands behind a notice, going by the event that it tells of (null where that is about no notice). */
export function standingBehind(
  notice: Notice,
  event: Pick<Event, 'source' | 'data'> | null,
): Pick<UnprovedNotice, 'depth' | 'original'> & { about: string | null } {
  const own = { title: notice.title, text: notice.text };
  if (event?.source !== WATCHDOG_SOURCE && event?.source !== CONFIRM_SOURCE) return { depth: 0, original: own, about: null };
  const { depth, original, notice: about } = event.data ?? {};
  return {
    depth: typeof depth === 'number' ? depth : 0,
    original: isMessage(original) ? original : own,
    about: typeof about === 'string' ? about : null,
  };
}

function isMessage(value: unknown): value is { title: string; text: string } {
  const { title, text } = (value ?? {}) as { title?: unknown; text?: unknown };
  return typeof title === 'string' && typeof text === 'string';
}
