import { dayOf, parseName } from '../model/names.ts';
import type { UnprovedNotice } from '../model/snapshot.ts';
import { currentReceipt } from '../model/truth.ts';
import { noticesBefore, promisesOf, standingBehind } from '../plan/promises/index.ts';
import { eventIsThere } from '../store/history.ts';
import type { Layout } from '../store/layout.ts';
import type { UnprovedFile } from '../store/load.ts';
import { listReceipts } from '../store/receipts.ts';

/**
 * A notice without proof, with what was said of it before: only what is due is looked for. Where the notice that it tells
 * of is proved by now, or an escalation before this one, nobody need be told any more.
 */
export function withWhatWasSaid(layout: Layout, { notice, receipt, cause }: UnprovedFile, now_ms: number): UnprovedNotice {
  const { about, ...behind } = standingBehind(notice.document, cause);
  const unproved = { notice, receipt, ...behind };
  const due = promisesOf(unproved).filter(({ at_ms }) => at_ms <= now_ms);
  const isOver = due.length > 0 && about !== null && parseName(about) !== null && isProved(layout, about);
  const said = due.filter(
    ({ name, escalation }) =>
      isOver ||
      eventIsThere(layout, name) ||
      (escalation !== null && noticesBefore(unproved, escalation.step).some((earlier) => isProved(layout, earlier))),
  );
  return { ...unproved, said: new Set(said.map(({ name }) => name)) };
}

function isProved(layout: Layout, notice: string): boolean {
  return currentReceipt(listReceipts(layout, dayOf(notice)).filter(({ name }) => name === notice))?.status === 'acked';
}
