import { API_VERSION, type Deferral, type Evidence, type Link, type Notice, type Receipt, type Reopening, type Stored } from '../model/artifacts.ts';
import type { ResolvedSender } from '../model/catalog.ts';
import { type Ceiling, type EvidenceLevel, lower, MOST_OF_MACHINES, reaches } from '../model/evidence.ts';
import { fileName } from '../model/names.ts';
import type { Outcome } from '../model/outcome.ts';
import { type Publication, publication } from '../model/publication.ts';
import { oneLine, truncate } from '../model/text.ts';
import { formatTime } from '../model/time.ts';
import { retryDelayMs } from './backoff.ts';

/** The attempt that an outcome belongs to. */
export interface AttemptRecord {
  notice: Stored<Notice>;
  handoff: Link;
  number: number;
  /** Number of the attempt on its way; see {@link PlannedAttempt}. */
  tries: number;
  fallbacks: readonly string[];
  reopened: Stored<Reopening> | null;
  sender: ResolvedSender;
}

/**
 * `indeterminate`: the process died between claim and record, so that nobody knows. `not_begun`: it was asked to stop, and did
 * not even begin.
 */
export type KnownOutcome = Outcome | { kind: 'indeterminate' | 'not_begun'; reason: string };

/** What an outcome means for the notice: it is put off, or it gets its receipt. No receipt says more than was proved. */
export function settle(attempt: AttemptRecord, outcome: KnownOutcome, now_ms: number): Publication<'deferral'> | Publication<'receipt'> {
  switch (outcome.kind) {
    case 'proved':
      return settleProved(attempt, outcome, now_ms);
    case 'custody':
      return receipt(attempt, now_ms, { status: 'pending_external_send', reason: 'in_custody', detail: outcome.detail ?? '', custody: outcome.who });
    case 'rejected':
      return giveUp(attempt, now_ms, 'rejected', outcome.reason);
    case 'retryable':
      return attemptsLeft(attempt)
        ? deferral(attempt, now_ms, 'retryable', outcome.reason, outcome.retryAfter_ms)
        : giveUp(attempt, now_ms, 'attempts_exhausted', `attempt ${attempt.number}: ${outcome.reason}`);
    case 'not_begun':
      return deferralOf(attempt, { reason: 'not_begun', detail: outcome.reason, retryAt: formatTime(now_ms) }, now_ms);
    case 'ambiguous':
    case 'indeterminate':
      // Sending again is only honest where the receiver ignores a repeated key.
      return attempt.sender.idempotent && attemptsLeft(attempt)
        ? deferral(attempt, now_ms, outcome.kind, outcome.reason)
        : receipt(attempt, now_ms, { status: 'blocked', reason: 'indeterminate', detail: outcome.reason });
  }
}

function settleProved(attempt: AttemptRecord, outcome: Extract<Outcome, { kind: 'proved' }>, now_ms: number): Publication<'receipt'> {
  const { notice, sender } = attempt;
  if (sender.ceiling === 'none') {
    const detail = `the sender claims ${outcome.level}, but its binding says that it can prove nothing`;
    return receipt(attempt, now_ms, { status: 'pending_external_send', reason: 'in_custody', detail, custody: sender.name });
  }
  const ceiling = lower<EvidenceLevel>(sender.ceiling, MOST_OF_MACHINES);
  const claim = lower(outcome.level, ceiling);
  const lowered = claim === outcome.level ? '' : `the sender claims ${outcome.level}; its ceiling is ${ceiling}`;
  const evidence: Evidence = {
    level: claim,
    by: `sender:${sender.name}`,
    at: formatTime(now_ms),
    reference: clip(outcome.reference, 1000),
    ...(outcome.detail === undefined ? {} : { detail: clip(outcome.detail, 2000) }),
  };
  return reaches(claim, notice.document.requires)
    ? receipt(attempt, now_ms, { status: 'acked', reason: 'evidence_sufficient', detail: lowered, evidence: [evidence] })
    : receipt(attempt, now_ms, {
        status: 'pending_external_send',
        reason: 'evidence_insufficient',
        detail: lowered,
        evidence: [evidence],
        custody: sender.name,
      });
}

/** This way is closed for good, and nothing went out: the next one is taken, if there is one. */
function giveUp(
  attempt: AttemptRecord,
  now_ms: number,
  reason: 'rejected' | 'attempts_exhausted',
  detail: string,
): Publication<'deferral'> | Publication<'receipt'> {
  const [fallback] = attempt.fallbacks;
  if (fallback === undefined) return receipt(attempt, now_ms, { status: 'blocked', reason, detail });
  return deferralOf(attempt, { reason, detail, retryAt: formatTime(now_ms), fallback }, now_ms);
}

const attemptsLeft = ({ tries, sender }: AttemptRecord): boolean => tries < sender.retry.attempts;

function deferral(
  attempt: AttemptRecord,
  now_ms: number,
  reason: Deferral['reason'],
  detail: string,
  retryAfter_ms?: number,
): Publication<'deferral'> {
  const { notice, number, tries, sender } = attempt;
  const retryAt = formatTime(now_ms + retryDelayMs({ notice: notice.name, number, tries }, sender.retry, retryAfter_ms));
  const retryAfter = retryAfter_ms === undefined ? {} : { retryAfter: formatTime(now_ms + retryAfter_ms) };
  return deferralOf(attempt, { reason, detail, retryAt, ...retryAfter }, now_ms);
}

type DeferralParts = Pick<Deferral, 'reason' | 'detail' | 'retryAt' | 'fallback' | 'retryAfter'>;

function deferralOf({ notice, number, handoff }: AttemptRecord, parts: DeferralParts, now_ms: number): Publication<'deferral'> {
  const document: Deferral = {
    apiVersion: API_VERSION,
    kind: 'Deferral',
    handoff,
    ...parts,
    detail: clip(parts.detail, 2000),
    recordedAt: formatTime(now_ms),
  };
  return publication('deferral', 'handoffs', notice.name, fileName.deferral(notice.name, number), document);
}

interface ReceiptParts {
  status: Receipt['status'];
  reason: Receipt['reason'];
  detail: string;
  evidence?: Evidence[];
  custody?: string;
}

function receipt(attempt: AttemptRecord, now_ms: number, parts: ReceiptParts): Publication<'receipt'> {
  return firstReceipt(attempt.notice, attempt.handoff, attempt.sender.ceiling, now_ms, parts, attempt.reopened);
}

/** The first outcome of a notice, or its first since a human opened it again (`after`); `handoff` is null where no attempt was made or none can be read. */
export function firstReceipt(
  notice: Stored<Notice>,
  handoff: Link | null,
  ceiling: Ceiling,
  now_ms: number,
  parts: ReceiptParts,
  after: Stored<Reopening> | null = null,
): Publication<'receipt'> {
  const revision = (after?.document.revision ?? 0) + 1;
  const document: Receipt = {
    apiVersion: API_VERSION,
    kind: 'Receipt',
    notice: notice.link,
    handoff,
    revision,
    status: parts.status,
    reason: parts.reason,
    detail: clip(parts.detail, 2000),
    requires: notice.document.requires,
    ceiling,
    evidence: parts.evidence ?? [],
    custody: parts.custody === undefined ? null : clip(parts.custody, 500),
    previous: after?.link ?? null,
    recordedAt: formatTime(now_ms),
  };
  return publication('receipt', 'receipts', notice.name, fileName.receipt(notice.name, revision, parts.status), document);
}

const clip = (text: string, max: number): string => truncate(oneLine(text), max);
