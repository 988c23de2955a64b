import { findIdle } from './idle.ts';
import { recordPass } from './last-pass.ts';
import type { WorkspaceOptions } from './locate.ts';
import { emptyReport, type PassReport } from './pass-report.ts';
import { openUnchangedWorkspace, openWorkspace } from './workspace.ts';

export interface ReconcileOptions extends WorkspaceOptions {
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** One complete pass. Most find nothing to do; those load next to nothing. */
export async function reconcile(options: ReconcileOptions, clock: () => number = Date.now): Promise<PassReport> {
  const unchanged = openUnchangedWorkspace(options);
  if (unchanged) {
    const started_ms = clock();
    const idle = findIdle(unchanged.layout, unchanged.catalog.digest, started_ms);
    if (idle) {
      const finished_ms = clock();
      recordPass(unchanged.layout, started_ms, finished_ms, idle.nextDue_ms);
      return { ...emptyReport(started_ms), finished_ms, nextDue_ms: idle.nextDue_ms };
    }
  }
  const workspace = unchanged ?? (await openWorkspace(options));
  const [{ completePass }, { liveApplier }] = await Promise.all([import('./complete-pass.ts'), import('./applier.ts')]);
  const live = liveApplier(workspace, clock);
  try {
    return await completePass(workspace, live, { clock, onProgress: options.onProgress });
  } finally {
    live.close();
  }
}
