import { EVIDENCE_WORDS, highest } from '../../model/evidence.ts';
import { REASONS } from '../../model/reasons.ts';
import type { Confirmed } from '../../run/confirm.ts';
import type { Paint } from '../terminal.ts';

const STATUS_STYLE = { acked: 'green', blocked: 'red', pending_external_send: 'yellow' } as const;

/** The truth now, in one line and what it means; or why nothing was written. */
export function confirmedText({ notice, receipt, changed, detail }: Confirmed, paint: Paint): string {
  const truth = receipt === null ? paint('yellow', 'no receipt yet') : `${paint(STATUS_STYLE[receipt.document.status], receipt.document.status)}`;
  const revision = receipt === null ? '' : ` (revision ${receipt.document.revision})`;
  const first = `${truth}  ${paint('reset', notice)}${revision}`;
  if (!changed || receipt === null) return `${first}\n  nothing was written: ${paint('reset', detail)}`;
  const { reason, evidence } = receipt.document;
  const best = highest(evidence.map(({ level }) => level));
  return `${first}\n  ${reason}: ${REASONS[reason]}; proved: ${best === 'none' ? 'nothing' : `${best} (${EVIDENCE_WORDS[best]})`}`;
}
