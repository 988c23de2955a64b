import type { Decision, Event, Evidence, Notice, Receipt, Stored } from '../../src/model/artifacts.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import { canonicalEvent, type EventDraft } from '../../src/model/event.ts';
import { eventName, fileName } from '../../src/model/names.ts';
import { asStored, type Publication, publication } from '../../src/model/publication.ts';
import type { PlannedAttempt } from '../../src/model/steps.ts';
import { formatTime } from '../../src/model/time.ts';
import { withEvidence } from '../../src/model/truth.ts';
import { CONFIRM_SOURCE } from '../../src/model/words.ts';
import type { Conditions } from '../../src/plan/conditions.ts';
import { decide } from '../../src/plan/decide.ts';
import { dispatch } from '../../src/plan/dispatch.ts';
import { enqueue } from '../../src/plan/enqueue.ts';
import { createHistory } from '../../src/plan/features/dedupe/index.ts';
import { promisesOf, writtenDown } from '../../src/plan/promises/index.ts';
import type { KnownOutcome } from '../../src/plan/settle.ts';
import { settle } from '../../src/plan/settle.ts';
import { thisOwner } from '../../src/run/host.ts';

const TARGET = 'operator';
const SENDING_MS = 40;

/** What the artifacts of one notice are made with: the program's own catalog and conditions. */
export interface Maker {
  catalog: Catalog;
  conditions: Conditions;
}

/** How a notice ends, and how often that is so: of a thousand. */
export const ENDINGS = [
  { ending: 'acked', share: 930 },
  { ending: 'retried', share: 35 },
  { ending: 'blocked, then acknowledged', share: 17 },
  { ending: 'blocked', share: 1 },
  { ending: 'in custody, then confirmed', share: 12 },
  { ending: 'in custody, confirmed days later', share: 5 },
] as const;

export type Ending = (typeof ENDINGS)[number]['ending'];

/** Everything that was written about one failed run, as the program writes it, and what somebody says of it days later. */
export interface ChainOfDay {
  items: Publication[];
  /** Of the artifacts of a later day, told at that time. */
  later: ((now_ms: number) => Publication[]) | null;
}

const owner = thisOwner();

export function chainOf(draft: EventDraft, ending: Ending, { catalog, conditions }: Maker): ChainOfDay {
  const time_ms = Date.parse(draft.time as string);
  const items: Publication[] = [];
  const keep = <P extends Publication>(item: P): P => {
    items.push(item);
    return item;
  };
  const [event, decision] = decided(draft, time_ms + 5, { catalog, conditions });
  keep(event);
  keep(decision);
  const [required] = decision.document.notices;
  const sender = catalog.senders[catalog.targets[TARGET]?.sender ?? ''];
  if (!required || !sender) throw new Error('the workspace of a year must tell its operator of failed runs');
  const notice = asStored(required.id, keep(enqueue(required, asStored(nameOf(event), event), decision.link)));

  let sent_ms = time_ms + 10;
  let previous = null;
  const outcomes = outcomesOf(ending, notice.name);
  for (const [i, outcome] of outcomes.entries()) {
    const number = i + 1;
    const way = { target: TARGET, tries: number, fallbacks: [], sender, address: catalog.targets[TARGET]?.address };
    const step = dispatch(notice, way, number, previous, null, { now_ms: sent_ms, owner });
    if (step.kind !== 'dispatch') throw new Error('expected a handoff');
    keep(step.publication);
    const result = keep(settle(step.attempt as PlannedAttempt, outcome, sent_ms + SENDING_MS));
    if (result.kind === 'receipt') {
      const receipt = asStored(notice.name, result);
      return { items, later: afterwards({ ending, notice, receipt, event, sent_ms: sent_ms + SENDING_MS }, keep, { catalog, conditions }) };
    }
    previous = result.link;
    sent_ms = Date.parse(result.document.retryAt) + 5;
  }
  throw new Error('the last attempt must bring a receipt');
}

function outcomesOf(ending: Ending, notice: string): KnownOutcome[] {
  const proved: KnownOutcome = { kind: 'proved', level: 'accepted', reference: `m-${notice.slice(-12)}` };
  switch (ending) {
    case 'acked':
      return [proved];
    case 'retried':
      return [{ kind: 'retryable', reason: 'answer 503: come back later' }, proved];
    case 'blocked':
    case 'blocked, then acknowledged':
      return [{ kind: 'rejected', reason: 'answer 410: gone' }];
    case 'in custody, then confirmed':
    case 'in custody, confirmed days later':
      return [{ kind: 'custody', who: 'the pager of the night watch' }];
  }
}

interface Outcome {
  ending: Ending;
  notice: Stored<Notice>;
  receipt: Stored<Receipt>;
  event: Publication<'event'>;
  sent_ms: number;
}

/** Hours and days later: what the program raises by itself, and what others say. */
function afterwards(outcome: Outcome, keep: (item: Publication) => unknown, maker: Maker): ChainOfDay['later'] {
  const { ending, notice, receipt, event, sent_ms } = outcome;
  if (receipt.document.status === 'acked') return null;
  const { title, text } = notice.document;
  const confirmed_ms = ending === 'in custody, then confirmed' ? sent_ms + 240_000 : Number.POSITIVE_INFINITY;
  for (const promise of promisesOf({ notice, receipt, depth: 0, original: { title, text } })) {
    if (promise.at_ms > confirmed_ms) continue;
    const raised = writtenDown(promise, promise.at_ms + 1_000);
    keep(raised);
    keep(decisionOn(raised, maker));
  }
  switch (ending) {
    case 'blocked, then acknowledged': {
      const at_ms = sent_ms + 1_200_000;
      const evidence: Evidence = { level: 'acknowledged', by: 'human:operator', at: formatTime(at_ms), reference: 'rgov ack' };
      keep(withEvidence(receipt, evidence, null, at_ms));
      return null;
    }
    case 'in custody, then confirmed':
      keep(withEvidence(receipt, confirmation(confirmed_ms), null, confirmed_ms));
      return null;
    case 'in custody, confirmed days later':
      return (now_ms) => {
        const late = lateConfirmation(notice, receipt, event, now_ms);
        return decided(late, now_ms, maker);
      };
    default:
      return null;
  }
}

const confirmation = (at_ms: number): Evidence => ({ level: 'accepted', by: 'report:pager', at: formatTime(at_ms), reference: `page-${at_ms}` });

/** As `rgov confirm` writes it where the day of the notice is sealed. */
function lateConfirmation(notice: Stored<Notice>, receipt: Stored<Receipt>, event: Publication<'event'>, now_ms: number): EventDraft {
  const { subject, target, requires, rule, title, text } = notice.document;
  return {
    source: CONFIRM_SOURCE,
    id: `notice.confirmed/${notice.name}/${event.file.slice(-17, -5)}`,
    type: 'notice.confirmed',
    subject,
    time: formatTime(now_ms),
    provenance: 'observed',
    data: {
      summary: `to ${target}: accepted (report:pager): ${title}`,
      notice: notice.name,
      about: notice.link,
      receipt: receipt.link,
      handoff: receipt.document.handoff,
      evidence: confirmation(now_ms),
      target,
      requires,
      rule,
      depth: 1,
      original: { title, text },
    },
  };
}

function decided(draft: EventDraft, recorded_ms: number, maker: Maker): [Publication<'event'>, Publication<'decision'>] {
  const document = canonicalEvent(draft, recorded_ms);
  const name = eventName(document);
  const event = publication('event', 'events', name, fileName.event(name), document);
  return [event, decisionOn(event, maker)];
}

function decisionOn(event: Publication<'event'>, { catalog, conditions }: Maker): Publication<'decision'> & { document: Decision } {
  const stored: Stored<Event> = asStored(nameOf(event), event);
  return decide({ ...stored, duplicateOf: null }, catalog, conditions, createHistory([]));
}

const nameOf = ({ file }: Publication): string => file.slice(0, -'.json'.length);
