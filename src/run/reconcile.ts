import { heartbeatIsDue } from './heartbeat/memory.ts';
import { findIdle } from './idle.ts';
import { recordPass } from './last-pass.ts';
import type { WorkspaceOptions } from './locate.ts';
import { emptyReport, type PassReport } from './pass-report.ts';
import { openUnchangedWorkspace, openWorkspace, type Workspace } from './workspace.ts';

export interface ReconcileOptions extends WorkspaceOptions {
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Whether what is new below `state/` is committed afterwards; see {@link commitState}. */
  commit?: boolean | undefined;
}

/** One complete pass. Most find nothing to do; those load next to nothing. */
export async function reconcile(options: ReconcileOptions, clock: () => number = Date.now): Promise<PassReport> {
  const unchanged = openUnchangedWorkspace(options);
  const idle = unchanged && (await passIdly(unchanged, clock));
  const workspace = unchanged ?? (await openWorkspace(options));
  const report = idle ?? (await passFully(workspace, options, clock));
  if (!options.commit) return report;
  const { commitState } = await import('./commit.ts');
  return { ...report, commit: await commitState(workspace.layout, process.env) };
}

/** The pass proper. */
export async function passFully(workspace: Workspace, options: ReconcileOptions, clock: () => number): Promise<PassReport> {
  const [{ completePass }, { liveApplier }] = await Promise.all([import('./complete-pass.ts'), import('./applier.ts')]);
  const pass = async (): Promise<PassReport> => {
    const live = liveApplier(workspace, clock);
    try {
      return await completePass(workspace, live, { clock, onProgress: options.onProgress });
    } finally {
      await live.close();
    }
  };
  if (workspace.catalog.sources.length === 0) return pass();
  const { passWithSources } = await import('./sources/pass-with-sources.ts');
  return passWithSources(workspace, clock, pass);
}

/** The pass that finds nothing to do, or null if there is something. */
async function passIdly(workspace: Workspace, clock: () => number): Promise<PassReport | null> {
  const { layout, catalog } = workspace;
  const started_ms = clock();
  const idle = idleOrNull(workspace, started_ms);
  if (idle === null) return null;
  const pass = (): PassReport => {
    const finished_ms = clock();
    recordPass(layout, started_ms, finished_ms, idle.nextDue_ms);
    return { ...emptyReport(started_ms), finished_ms, nextDue_ms: idle.nextDue_ms };
  };
  if (!heartbeatIsDue(catalog, layout, started_ms)) return pass();
  const { passWithHeartbeat } = await import('./heartbeat.ts');
  return passWithHeartbeat(workspace, { clock }, async () => pass());
}

/** What cannot be read here fails the pass proper, too: there it is told to whoever listens. */
function idleOrNull({ layout, catalog }: Workspace, now_ms: number): ReturnType<typeof findIdle> {
  try {
    return findIdle(layout, catalog, now_ms);
  } catch {
    return null;
  }
}
