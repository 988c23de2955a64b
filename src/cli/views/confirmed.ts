import { EVIDENCE_WORDS, highest } from '../../model/evidence.ts';
import { dayOf } from '../../model/names.ts';
import { REASONS } from '../../model/reasons.ts';
import type { Confirmed } from '../../run/confirm.ts';
import type { Paint } from '../terminal.ts';

const STATUS_STYLE = { acked: 'green', blocked: 'red', pending_external_send: 'yellow' } as const;

/** Why no receipt was written, and what was. */
export const lateText = (event: string, paint: Paint): string =>
  `its day is sealed, so this is recorded as a fact of today: ${paint('reset', `state/events/${dayOf(event)}/${event}.json`)}`;

/** The truth now, in one line and what it means; or why nothing was written. */
export function confirmedText({ notice, receipt, changed, detail, event }: Confirmed, paint: Paint): string {
  const truth = receipt === null ? paint('yellow', 'no receipt yet') : `${paint(STATUS_STYLE[receipt.document.status], receipt.document.status)}`;
  const revision = receipt === null ? '' : ` (revision ${receipt.document.revision})`;
  const first = `${truth}  ${paint('reset', notice)}${revision}`;
  if (changed && event !== undefined) return `${first}\n  ${lateText(event, paint)}`;
  if (!changed || receipt === null) return `${first}\n  nothing was written: ${paint('reset', detail)}`;
  const { reason, evidence } = receipt.document;
  const best = highest(evidence.map(({ level }) => level));
  return `${first}\n  ${reason}: ${REASONS[reason]}; proved: ${best === 'none' ? 'nothing' : `${best} (${EVIDENCE_WORDS[best]})`}`;
}
