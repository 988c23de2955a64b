import { dayOf } from '../model/names.ts';
import type { UnprovedNotice } from '../model/snapshot.ts';
import { currentReceipt } from '../model/truth.ts';
import { depthOf, noticesBefore, promisesOf } from '../plan/promises/index.ts';
import type { Layout } from '../store/layout.ts';
import type { UnprovedFile } from '../store/load.ts';
import { listReceipts } from '../store/receipts.ts';
import { eventIsThere } from '../store/survey.ts';

/** A notice without proof, with what was said of it before: only what is due is looked for. */
export function withWhatWasSaid(layout: Layout, { notice, receipt, cause }: UnprovedFile, now_ms: number): UnprovedNotice {
  const unproved = { notice, receipt, depth: depthOf(notice.document, cause) };
  const said = promisesOf(unproved)
    .filter(({ at_ms }) => at_ms <= now_ms)
    .filter(
      ({ name, escalation }) =>
        eventIsThere(layout, name) || (escalation !== null && noticesBefore(unproved, escalation.step).some((earlier) => isProved(layout, earlier))),
    );
  return { ...unproved, said: new Set(said.map(({ name }) => name)) };
}

function isProved(layout: Layout, notice: string): boolean {
  return currentReceipt(listReceipts(layout, dayOf(notice)).filter(({ name }) => name === notice))?.status === 'acked';
}
