import { API_VERSION, type Evidence, type Link, type Receipt, type ReceiptStatus, type Stored } from './artifacts.ts';
import { type Ceiling, highest, reaches } from './evidence.ts';
import { fileName } from './names.ts';
import { type Publication, publication } from './publication.ts';
import { oneLine, truncate } from './text.ts';
import { formatTime } from './time.ts';

/** What the highest revision of a notice may say: a receipt's status, or that a human has opened it again. */
export type Standing = ReceiptStatus | 'reopened';

const STANDING_ORDER: readonly Standing[] = ['pending_external_send', 'blocked', 'reopened', 'acked'];

/**
 * The file that says the truth now: the highest revision. Two writers who did not know of each other may have made the
 * same revision with different outcomes; then the one with proof counts, as only `acked` needs any.
 */
export function currentReceipt<T extends { revision: number; status: Standing }>(receipts: readonly T[]): T | null {
  return receipts.reduce<T | null>((best, item) => (best === null || isLater(item, best) ? item : best), null);
}

function isLater(a: { revision: number; status: Standing }, b: { revision: number; status: Standing }): boolean {
  return a.revision > b.revision || (a.revision === b.revision && STANDING_ORDER.indexOf(a.status) > STANDING_ORDER.indexOf(b.status));
}

/**
 * The next revision of a receipt, with more evidence. What was known stays known; the status follows from the evidence,
 * and without enough of it stays what it was.
 */
export function withEvidence(
  previous: Stored<Receipt>,
  evidence: Evidence,
  handoff: Link | null,
  now_ms: number,
  revision: number = previous.document.revision + 1,
  /** What the way of this evidence can prove, where that is more than the way of the evidence before. */
  ceiling: Ceiling = previous.document.ceiling,
): Publication<'receipt'> {
  const before = previous.document;
  const all = [...before.evidence, evidence];
  const proved = reaches(highest(all.map((item) => item.level)), before.requires);
  const byHuman = evidence.by.startsWith('human:');
  const document: Receipt = {
    apiVersion: API_VERSION,
    kind: 'Receipt',
    notice: before.notice,
    handoff: handoff ?? before.handoff,
    revision,
    status: proved ? 'acked' : before.status,
    reason: proved ? (byHuman ? 'acknowledged_by_human' : 'evidence_sufficient') : before.reason,
    detail: evidence.detail ?? '',
    requires: before.requires,
    ceiling: highest([before.ceiling, ceiling]),
    evidence: all,
    custody: before.custody,
    previous: previous.link,
    recordedAt: formatTime(now_ms),
  };
  return publication('receipt', 'receipts', previous.name, fileName.receipt(previous.name, document.revision, document.status), document);
}

/**
 * The next revision when it is reported that the notice did not arrive after all: what machines had proved is taken back (the
 * revision before still shows it), and only a human's own word outweighs the report.
 */
export function withFailure(
  previous: Stored<Receipt>,
  failure: { by: string; detail: string },
  now_ms: number,
  revision: number = previous.document.revision + 1,
): Publication<'receipt'> {
  const before = previous.document;
  const evidence = before.evidence.filter(({ by }) => by.startsWith('human:'));
  const told = reaches(highest(evidence.map(({ level }) => level)), before.requires);
  const document: Receipt = {
    ...before,
    revision,
    status: told ? 'acked' : 'blocked',
    reason: told ? 'acknowledged_by_human' : 'bounced',
    detail: truncate(oneLine(`${failure.by}: ${failure.detail}`), 2000),
    evidence,
    custody: null,
    previous: previous.link,
    recordedAt: formatTime(now_ms),
  };
  return publication('receipt', 'receipts', previous.name, fileName.receipt(previous.name, revision, document.status), document);
}

const OWNER_ENDED = 'the process that made attempt ';

/** Why nobody can know what came of an attempt: whoever made it is gone. */
export const ownerEnded = (attempt: number): string => `${OWNER_ENDED}${attempt} ended before it could record what came of it`;

/** An attempt that was lost with its process says nothing of the receiver. */
export const isOwnersEnd = (detail: string): boolean => detail.startsWith(OWNER_ENDED);
