import { type Chain, loadChain } from './chain.ts';
import { findByPart } from './find.ts';
import type { WorkspaceOptions } from './locate.ts';
import { openWorkspace } from './workspace.ts';

/** Everything that followed from the event, or led to the notice, that `part` stands for. Read-only. */
export async function explain(options: WorkspaceOptions, part: string): Promise<Chain> {
  const { layout } = await openWorkspace(options);
  return loadChain(layout, findByPart(layout, part));
}
