import type { ReceiptStatus } from '../model/artifacts.ts';
import { dayOf } from '../model/names.ts';
import { truncate } from '../model/text.ts';
import type { Publisher } from '../store/publish.ts';
import { confirmAll, type Verdict } from './confirm.ts';
import { livenessOf } from './host.ts';
import type { Statement } from './judge.ts';
import type { Workspace } from './workspace.ts';

export interface IngestedConfirmation {
  from: string;
  /** As the input names it. */
  handoff: string;
  status: 'recorded' | 'known' | 'rejected';
  notice: string | null;
  attempt: number | null;
  /** The notice's receipt now; null if there is none, or if it was rejected. */
  receipt: { status: ReceiptStatus; revision: number } | null;
  /** Why nothing was written; empty otherwise. */
  detail: string;
}

/** What an adapter has read of handoffs, as the system that the adapter is named after says it. */
export async function confirmForeign(
  workspace: Workspace,
  publisher: Publisher,
  { from, adapter, statements }: { from: string; adapter: string; statements: readonly Statement[] },
  now_ms: number,
): Promise<IngestedConfirmation[]> {
  const incoming = statements.map((statement) => ({ statement: withShortTexts(statement), defaultBy: adapter }));
  const verdicts = await confirmAll({ workspace, publisher, livenessOf: (owner) => livenessOf(owner) }, incoming, now_ms);
  return verdicts.map((verdict, i) => ({ from, handoff: statements[i]?.handoff ?? '', ...wordsOf(verdict) }));
}

/** Words of other systems may be long; an id that is too long is no id. */
function withShortTexts(statement: Statement): Statement {
  const { failed, detail, by } = statement;
  return {
    ...statement,
    ...(failed === undefined ? {} : { failed: truncate(failed, 2000) }),
    ...(detail === undefined ? {} : { detail: truncate(detail, 2000) }),
    ...(by === undefined ? {} : { by: truncate(by, 150) }),
  };
}

function wordsOf(verdict: Verdict): Omit<IngestedConfirmation, 'from' | 'handoff'> {
  if ('error' in verdict) {
    return { status: 'rejected', notice: null, attempt: null, receipt: null, detail: verdict.error.message };
  }
  const { notice, attempt, receipt } = verdict;
  const now = receipt && { status: receipt.document.status, revision: receipt.document.revision };
  if (verdict.status === 'late') {
    const detail = `the day is sealed, so that it is a fact of today: events/${dayOf(verdict.event)}/${verdict.event}.json`;
    return { status: 'recorded', notice, attempt, receipt: now, detail };
  }
  return { status: verdict.status, notice, attempt, receipt: now, detail: verdict.status === 'known' ? verdict.detail : '' };
}
