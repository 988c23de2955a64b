import type { Handoff, Receipt, Stored } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { oneLine, truncate } from '../model/text.ts';
import type { Told } from './evidence.ts';
import type { Ledger } from './ledger.ts';

/** What was said of an attempt, with the number of the notice's last one. */
export interface Attempted extends Told {
  last: number;
}

/** Reports that come again and again with ever other words must not fill the disk; a human may still say something then. */
const MAX_REVISIONS = 200;

/** Why nothing is written for what was said, or not yet; null if it is news. Throws `negative` where there is no end to it. */
export function whyNothing(told: Attempted, ledger: Ledger): { known: string } | { later: RgovError } | null {
  const { notice, said } = told;
  const why = said.kind === 'failure' ? aboutFailure(told, said, ledger) : aboutEvidence(told, said.evidence, ledger);
  const isHuman = said.kind === 'evidence' && said.evidence.by.startsWith('human:');
  if (why === null && !isHuman && ledger.revisions(notice.name).length >= MAX_REVISIONS) {
    throw new RgovError('negative', `nothing was written: ${notice.name} has ${MAX_REVISIONS} revisions already`, {
      hint: `rgov explain ${notice.name}`,
    });
  }
  return why;
}

type SaidEvidence = Extract<Told['said'], { kind: 'evidence' }>['evidence'];

function aboutEvidence({ notice, handoff }: Attempted, { by, level, reference }: SaidEvidence, ledger: Ledger): { known: string } | null {
  const now = ledger.standing(notice.name);
  const current = now.reopened ? [] : (now.receipt?.document.evidence ?? []);
  if (by.startsWith('human:')) return current.some((item) => item.by === by && item.level === level) ? { known: `${by} has said so before` } : null;
  const isSame = (item: SaidEvidence): boolean => item.by === by && item.level === level && item.reference === reference;
  if (current.some(isSame)) return { known: `${by} has said so before` };
  const before = ledger.history(notice.name).find((receipt) => isAbout(receipt, handoff) && receipt.document.evidence.some(isSame));
  return before ? { known: `${by} has said so before (revision ${before.document.revision}), and it was taken back since` } : null;
}

function aboutFailure(
  { notice, handoff, last }: Attempted,
  { by, detail }: Extract<Told['said'], { kind: 'failure' }>,
  ledger: Ledger,
): { known: string } | { later: RgovError } | null {
  const { name } = notice;
  const attempt = handoff?.document.attempt ?? 0;
  const words = truncate(oneLine(`${by}: ${detail}`), 2000);
  if (ledger.history(name).some((receipt) => receipt.document.detail === words && isAbout(receipt, handoff))) {
    return { known: `${by} has said so before` };
  }
  const { receipt, reopened } = ledger.standing(name);
  if (receipt && !reopened) {
    if (restsOn(receipt, handoff, ledger)) return null;
    return { known: `attempt ${attempt} is not the one that the receipt rests on, which is ${receipt.document.handoff?.path}` };
  }
  if (reopened && attempt <= reopened.document.afterAttempt) return { known: `attempt ${attempt} was over before the notice was opened again` };
  if (attempt < last || ledger.cameBack(name, attempt)) return { known: `attempt ${attempt} came back already, and the notice is tried again` };
  if (handoff && ledger.isUnderWay(handoff)) {
    const error = new RgovError('negative', `attempt ${attempt} of ${name} is still under way: what becomes of it is not recorded yet`, {
      hint: 'say it again when it is: rgov explain shows its receipt then',
    });
    return { later: error };
  }
  return null;
}

const isAbout = ({ document }: Stored<Receipt>, handoff: Stored<Handoff> | null): boolean =>
  document.handoff === null || document.handoff.path === handoff?.link.path;

/** A receiver that ignores a repeated key has one message, whichever attempt brought it. */
function restsOn({ name, document }: Stored<Receipt>, handoff: Stored<Handoff> | null, ledger: Ledger): boolean {
  if (document.handoff === null || handoff === null || document.handoff.path === handoff.link.path) return true;
  const other = ledger.handoff(name, document.handoff.path)?.document.sender;
  const { sender } = handoff.document;
  return other !== undefined && other.name === sender.name && other.idempotent && sender.idempotent;
}
