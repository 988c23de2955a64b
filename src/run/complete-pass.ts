import type { LiveApplier } from './applier.ts';
import type { Pinger } from './heartbeat.ts';
import { livenessOf, thisOwner } from './host.ts';
import { runPass } from './pass.ts';
import type { PassReport } from './pass-report.ts';
import type { Workspace } from './workspace.ts';

export interface CompletePassOptions {
  clock: () => number;
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Of a process that makes many passes, none of which waits for a ping; without it a ping that is due is part of the pass. */
  pinger?: Pinger | undefined;
}

/** One pass with real senders, as `rgov reconcile` and `rgov watch` make it. */
export async function completePass(workspace: Workspace, { applier, senses }: LiveApplier, options: CompletePassOptions): Promise<PassReport> {
  const { clock, onProgress, pinger } = options;
  const pass = (): Promise<PassReport> => runPass({ workspace, clock, applier, senses, host: { owner: thisOwner(), livenessOf }, onProgress });
  if (!workspace.catalog.heartbeat) return pass();
  if (pinger) return pinger.during(workspace, pass);
  const { passWithHeartbeat } = await import('./heartbeat.ts');
  return passWithHeartbeat(workspace, { clock }, pass);
}
