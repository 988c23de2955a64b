import { type Chain, loadChain } from './chain.ts';
import { findByPart } from './find.ts';
import { lateWords } from './late-words.ts';
import type { WorkspaceOptions } from './locate.ts';
import { whyNotSent } from './why-not-sent.ts';
import { openWorkspace } from './workspace.ts';

/** Everything that followed from the event, or led to the notice, that `part` stands for. Read-only. */
export async function explain(options: WorkspaceOptions, part: string, clock: () => number = Date.now): Promise<Chain> {
  const workspace = await openWorkspace(options);
  const chain = loadChain(workspace.layout, findByPart(workspace.layout, part));
  const late = lateWords(workspace.layout);
  for (const item of chain.notices) item.late = late.get(item.name) ?? [];
  const why = whyNotSent(workspace, clock());
  for (const item of chain.notices) {
    if (item.current !== null || !item.notice) continue;
    const last = Math.max(0, ...item.attempts.map(({ handoff }) => handoff.document.attempt));
    item.waiting = why({ name: item.name, target: item.notice.document.target }, last, item.reopened?.document ?? null);
  }
  return chain;
}
