import { API_VERSION, type Evidence, type Link, type Receipt, type ReceiptStatus, type Stored } from './artifacts.ts';
import { highest, reaches } from './evidence.ts';
import { fileName } from './names.ts';
import { type Publication, publication } from './publication.ts';
import { formatTime } from './time.ts';

const STATUS_ORDER: readonly ReceiptStatus[] = ['pending_external_send', 'blocked', 'acked'];

/**
 * The file that says the truth now: the highest revision. Two writers who did not know of each other may have made the
 * same revision with different outcomes; then the one with proof counts, as only `acked` needs any.
 */
export function currentReceipt<T extends { revision: number; status: ReceiptStatus }>(receipts: readonly T[]): T | null {
  return receipts.reduce<T | null>((best, item) => (best === null || isLater(item, best) ? item : best), null);
}

function isLater(a: { revision: number; status: ReceiptStatus }, b: { revision: number; status: ReceiptStatus }): boolean {
  return a.revision > b.revision || (a.revision === b.revision && STATUS_ORDER.indexOf(a.status) > STATUS_ORDER.indexOf(b.status));
}

/**
 * The next revision of a receipt, with more evidence. What was known stays known; the status follows from the evidence,
 * and without enough of it stays what it was.
 */
export function withEvidence(previous: Stored<Receipt>, evidence: Evidence, handoff: Link | null, now_ms: number): Publication<'receipt'> {
  const before = previous.document;
  const all = [...before.evidence, evidence];
  const proved = reaches(highest(all.map((item) => item.level)), before.requires);
  const byHuman = evidence.by.startsWith('human:');
  const document: Receipt = {
    apiVersion: API_VERSION,
    kind: 'Receipt',
    notice: before.notice,
    handoff: handoff ?? before.handoff,
    revision: before.revision + 1,
    status: proved ? 'acked' : before.status,
    reason: proved ? (byHuman ? 'acknowledged_by_human' : 'evidence_sufficient') : before.reason,
    detail: evidence.detail ?? '',
    requires: before.requires,
    ceiling: before.ceiling,
    evidence: all,
    custody: before.custody,
    previous: previous.link,
    recordedAt: formatTime(now_ms),
  };
  return publication('receipt', 'receipts', previous.name, fileName.receipt(previous.name, document.revision, document.status), document);
}
