import type { Evidence, Link, Receipt, Stored } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { asStored, type Publication } from '../model/publication.ts';
import { withEvidence } from '../model/truth.ts';
import type { Layout } from '../store/layout.ts';
import type { Publisher } from '../store/publish.ts';
import { readCurrentReceipt } from '../store/receipts.ts';

/** More writers than this at one notice at the same moment do not exist. */
const MAX_TRIES = 20;

/**
 * Adds evidence to the truth of a notice as one more revision. Whoever is faster takes the number; the slower one looks
 * again and takes the next. `first` makes revision 1 where there is no receipt yet.
 */
export function addEvidence(
  layout: Layout,
  publisher: Publisher,
  notice: string,
  evidence: Evidence,
  handoff: Link | null,
  now_ms: number,
  first?: () => Publication<'receipt'>,
): Stored<Receipt> {
  for (let n = 0; n < MAX_TRIES; n++) {
    const current = readCurrentReceipt(layout, notice);
    if (current && 'kind' in current) {
      throw new RgovError('negative', `the receipt ${current.path} cannot be believed: ${current.detail}`, {
        hint: `look at it with: jq . ${layout.at(current.path)}`,
      });
    }
    const next = current ? withEvidence(current, evidence, handoff, now_ms) : first?.();
    if (!next) break;
    if (publisher.publishOne(next) === 'created') return asStored(notice, next);
  }
  throw new RgovError('state_io', `the receipt of ${notice} could not be written: others keep taking its number`);
}
