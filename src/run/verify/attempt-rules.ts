import type { Receipt } from '../../model/artifacts.ts';
import type { NoticeRule } from './decision-rules.ts';
import { type DayFacts, type Fact, isReceipt, isReopening, type NoticeFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import { attemptOf } from './links.ts';

export const ATTEMPT_RULES: readonly NoticeRule[] = [oneKey, wholeClaims, oneClaim, inTurn, outcomesAreClaimed, oneOutcome];

const timeOf = ({ claimedAt, dispatchedAt }: { claimedAt: string | null; dispatchedAt?: string }): string | null => claimedAt ?? dispatchedAt ?? null;

/** Without the same key, a receiver cannot know a repetition. */
function* oneKey({ name, handoffs }: NoticeFacts): Generator<Finding> {
  for (const { path, document } of handoffs.values()) {
    const { idempotencyKey } = document;
    if (idempotencyKey !== name) yield { path, reason: 'key_differs', detail: `its key is ${idempotencyKey}`, since: timeOf(document) };
  }
}

function* wholeClaims({ handoffs }: NoticeFacts): Generator<Finding> {
  for (const { path, document } of handoffs.values()) {
    const { owner, claimedAt, leaseMs, dispatchedAt } = document;
    const isWhole = owner === null ? claimedAt === null && leaseMs === null : claimedAt !== null && leaseMs !== null && dispatchedAt === undefined;
    if (!isWhole) yield { path, reason: 'claim_contradicts', detail: 'see schemas/handoff.schema.json', since: timeOf(document) };
  }
}

function* oneClaim({ handoffs, claims }: NoticeFacts): Generator<Finding> {
  for (const [number, { path, document }] of claims) {
    const handoff = handoffs.get(number);
    if (!handoff || handoff.document.owner === null) continue;
    yield { path, reason: 'claimed_twice', detail: `the maker of ${handoff.path} had claimed it by making it`, since: document.claimedAt };
  }
}

/** An attempt follows upon one that came back, or upon a human who opened the notice again after the one before it. */
function* inTurn(parts: NoticeFacts, { day, files }: DayFacts): Generator<Finding> {
  const { name, handoffs, revisions } = parts;
  const before = (number: number, word = ''): string => `handoffs/${day}/${name}.${number - 1}${word}.json`;
  const openedAfter = new Set(revisions.filter(isReopening).map(({ document }) => document.afterAttempt));
  for (const [number, { path, document }] of handoffs) {
    const say = (reason: Finding['reason'], detail: string): Finding => ({ path, reason, detail, since: timeOf(document) });
    const previous = document.previous?.path ?? null;
    if (number > 1 && !files.has(before(number))) yield say('attempt_out_of_order', `there is no ${before(number)}`);
    else if (number > 1 && previous === null && !openedAfter.has(number - 1)) {
      const end = revisions.filter(isReceipt).find((receipt) => endOf(parts, receipt, day) === number - 1);
      if (end) yield say('attempt_after_end', `attempt ${number - 1} ended with ${end.path}`);
      else yield say('attempt_out_of_order', `attempt ${number - 1} did not come back, as far as this one says`);
    }
    if (previous !== null && (number === 1 || previous !== before(number, '.deferred'))) {
      yield say('attempt_out_of_order', `it names ${previous} as the end of the attempt before it`);
    }
  }
}

/** What only whoever made the attempt can have said, in the moment of sending. */
const ENDS: readonly Receipt['reason'][] = ['in_custody', 'rejected', 'attempts_exhausted', 'indeterminate'];

/** The attempt whose own outcome a receipt is; null if others have said it. What builds on a receipt is told by others. */
function endOf({ name }: NoticeFacts, { document }: Fact<Receipt>, day: string): number | null {
  const { handoff, reason, evidence, previous } = document;
  const isFirst = previous === null || previous.path.endsWith('.reopened.json');
  const isOwn = ENDS.includes(reason) || evidence.some(({ by }) => by.startsWith('sender:'));
  return isFirst && isOwn && handoff ? attemptOf(handoff, name, day) : null;
}

/** Nobody may send what they have not claimed, so that nothing can have come of it. */
function* outcomesAreClaimed(parts: NoticeFacts, { day, files }: DayFacts): Generator<Finding> {
  const { name, handoffs, deferrals, revisions } = parts;
  const isUnclaimed = (number: number | null): boolean =>
    number !== null && handoffs.get(number)?.document.owner === null && !files.has(`handoffs/${day}/${name}.${number}.claimed.json`);
  const outcomes = [
    ...[...deferrals].map(([number, fact]) => ({ number, ...fact })),
    // The last attempt may be named where another reason keeps it from being made.
    ...revisions.filter(isReceipt).map((fact) => ({ number: endOf(parts, fact, day), ...fact })),
  ];
  for (const { number, path, document } of outcomes) {
    if (isUnclaimed(number)) yield { path, reason: 'outcome_unclaimed', detail: `nobody has claimed attempt ${number}`, since: document.recordedAt };
  }
}

/** What was rejected, taken or proved did not come back. Only who was taken for dead may have spoken late. */
function* oneOutcome(parts: NoticeFacts, { day }: DayFacts): Generator<Finding> {
  for (const fact of parts.revisions.filter(isReceipt)) {
    const { reason, recordedAt } = fact.document;
    // Attempts that are given up after they came back end with the receipt that says so, or with one that nobody can know.
    const number = reason === 'attempts_exhausted' || reason === 'indeterminate' ? null : endOf(parts, fact, day);
    const deferral = number === null ? undefined : parts.deferrals.get(number);
    if (!deferral || deferral.document.reason === 'indeterminate') continue;
    const detail = `${deferral.path} says ${deferral.document.reason}`;
    yield { path: fact.path, reason: 'two_outcomes', detail, since: recordedAt };
  }
}
