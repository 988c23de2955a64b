import { findIdle, recordPass } from './idle.ts';
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
  const [{ runPass }, { liveApplier }, { livenessOf, thisOwner }] = await Promise.all([
    import('./pass.ts'),
    import('./applier.ts'),
    import('./host.ts'),
  ]);
  const { applier, close } = liveApplier(workspace, clock);
  try {
    return await runPass({ workspace, clock, applier, host: { owner: thisOwner(), livenessOf }, onProgress: options.onProgress });
  } finally {
    close();
  }
}
