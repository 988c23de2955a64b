import type { Receipt } from '../../model/artifacts.ts';
import { type Ceiling, highest, lower, MOST_OF_MACHINES, reaches } from '../../model/evidence.ts';
import type { NoticeRule } from './decision-rules.ts';
import { type DayFacts, type Fact, isReceipt, isReopening, type NoticeFacts, type RevisionFact } from './facts.ts';
import type { Finding } from './finding.ts';
import { attemptOf } from './links.ts';

export const RECEIPT_RULES: readonly NoticeRule[] = [
  withoutGaps,
  eachOnTheOneBefore,
  sameDemand,
  statusSaysWhatIsProved,
  attemptIsNamed,
  withinCeilings,
  nothingVanishes,
  reopenedForCause,
];

/** Two writers who did not know of each other may have made the same revision: one number twice is no fault. */
function* withoutGaps({ name, revisions }: NoticeFacts, { day, files }: DayFacts): Generator<Finding> {
  let expected = 1;
  for (const { path, document } of revisions) {
    const { revision, recordedAt } = document;
    const isThere = (number: number): boolean => [...WORDS].some((word) => files.has(`receipts/${day}/${name}.${number}.${word}.json`));
    for (; expected < revision; expected++) {
      if (!isThere(expected)) yield { path, reason: 'revision_gap', detail: `revision ${expected} is not there`, since: recordedAt };
    }
    expected = Math.max(expected, revision + 1);
  }
}

const WORDS = ['acked', 'blocked', 'pending_external_send', 'reopened'] as const;

function* eachOnTheOneBefore({ name, revisions }: NoticeFacts, { day }: DayFacts): Generator<Finding> {
  for (const { path, document } of revisions) {
    const { revision, previous, recordedAt } = document;
    const fits = revision === 1 ? previous === null : previous?.path.startsWith(`receipts/${day}/${name}.${revision - 1}.`);
    if (!fits) yield { path, reason: 'revision_out_of_order', detail: `it builds on ${previous?.path ?? 'nothing'}`, since: recordedAt };
  }
}

function* sameDemand({ notice, revisions }: NoticeFacts): Generator<Finding> {
  for (const { path, document } of revisions.filter(isReceipt)) {
    const { requires, recordedAt } = document;
    if (!notice || requires === notice.document.requires) continue;
    yield { path, reason: 'requires_differs', detail: `${requires}, not ${notice.document.requires}`, since: recordedAt };
  }
}

/** That a receipt which says `acked` has the evidence is part of being a receipt; here is the other way round. */
function* statusSaysWhatIsProved({ revisions }: NoticeFacts): Generator<Finding> {
  for (const { path, document } of revisions.filter(isReceipt)) {
    const proved = highest(document.evidence.map(({ level }) => level));
    if (document.status === 'acked' || !reaches(proved, document.requires)) continue;
    yield { path, reason: 'status_contradicts_evidence', detail: `${document.status}, with evidence ${proved}`, since: document.recordedAt };
  }
}

/** Without an attempt there are these ends alone: nobody is bound, the record of the attempt cannot be read, a human says so. */
const WITHOUT_ATTEMPT: readonly Receipt['reason'][] = ['target_unbound', 'indeterminate', 'acknowledged_by_human'];

function* attemptIsNamed({ revisions }: NoticeFacts): Generator<Finding> {
  for (const { path, document } of revisions.filter(isReceipt)) {
    const { handoff, reason, evidence, recordedAt } = document;
    const machine = evidence.find(({ by }) => !by.startsWith('human:'));
    if (handoff !== null || (WITHOUT_ATTEMPT.includes(reason) && !machine)) continue;
    yield { path, reason: 'receipt_without_handoff', detail: machine ? `${machine.by} vouches for it` : reason, since: recordedAt };
  }
}

/** What a sender says of itself binds whoever speaks later of what it sent. */
function* withinCeilings({ name, handoffs, hidden, revisions }: NoticeFacts, { day }: DayFacts): Generator<Finding> {
  // What stands in an attempt that is gone or cannot be read may have allowed it; that is a finding already.
  const named = revisions.filter(isReceipt).flatMap(({ document }) => (document.handoff ? (attemptOf(document.handoff, name, day) ?? []) : []));
  if (hidden.size > 0 || named.some((number) => !handoffs.has(number))) return;
  const senders = [...handoffs.values()].map(({ document }) => document.sender);
  const most = highest(senders.map(({ ceiling }) => ceiling));
  for (const { path, document } of revisions.filter(isReceipt)) {
    const say = (reason: Finding['reason'], detail: string): Finding => ({ path, reason, detail, since: document.recordedAt });
    if (!reaches(most, document.ceiling)) yield say('evidence_above_ceiling', `its ceiling is ${document.ceiling}, that of its attempts ${most}`);
    for (const { by, level } of document.evidence) {
      const [who = '', ...rest] = by.split(':');
      if (who === 'human') continue;
      const own = senders.filter((sender) => who === 'report' || sender.name === rest.join(':'));
      const ceiling = lower<Ceiling>(highest(own.map((sender) => sender.ceiling)), MOST_OF_MACHINES);
      if (own.length === 0) yield say('evidence_by_stranger', `${by} made no attempt`);
      else if (!reaches(ceiling, level)) yield say('evidence_above_ceiling', `${by} vouches for ${level}, and can prove ${ceiling} at most`);
    }
  }
}

/** What was proved stays proved until somebody reports that it did not arrive; what a human said stays for good. */
function* nothingVanishes({ revisions }: NoticeFacts): Generator<Finding> {
  const byPath = new Map<string, RevisionFact>(revisions.map((fact) => [fact.path, fact]));
  for (const { path, document } of revisions.filter(isReceipt)) {
    const before = document.previous ? byPath.get(document.previous.path) : undefined;
    if (!before || !isReceipt(before)) continue;
    const gone = before.document.evidence.filter((item) => !document.evidence.some((other) => isSame(item, other)));
    const mayGo = document.reason === 'bounced' || document.reason === 'acknowledged_by_human';
    const lost = gone.find(({ by }) => !mayGo || by.startsWith('human:'));
    if (lost) yield { path, reason: 'evidence_vanished', detail: `${lost.level} by ${lost.by}`, since: document.recordedAt };
  }
}

type Evidence = Receipt['evidence'][number];
const isSame = (a: Evidence, b: Evidence): boolean => a.by === b.by && a.level === b.level && a.reference === b.reference && a.at === b.at;

function* reopenedForCause({ handoffs, hidden, revisions }: NoticeFacts): Generator<Finding> {
  const byPath = new Map<string, RevisionFact>(revisions.map((fact) => [fact.path, fact]));
  for (const { path, document } of revisions.filter(isReopening)) {
    const say = (detail: string): Finding => ({ path, reason: 'reopened_without_cause', detail, since: document.recordedAt });
    const before = byPath.get(document.previous.path);
    if (before && !isBlocked(before)) yield say(`it takes back ${before.path}`);
    const { afterAttempt } = document;
    if (afterAttempt > 0 && !handoffs.has(afterAttempt) && !hidden.has(afterAttempt)) yield say(`there is no attempt ${afterAttempt}`);
  }
}

const isBlocked = (fact: RevisionFact): fact is Fact<Receipt> => isReceipt(fact) && fact.document.status === 'blocked';
