import { type LiveApplier, livenessWith } from './applier.ts';
import type { Pinger } from './heartbeat.ts';
import { thisOwner } from './host.ts';
import { Observer } from './liveness.ts';
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
export async function completePass(
  workspace: Workspace,
  { applier, senses, admission }: LiveApplier,
  options: CompletePassOptions,
): Promise<PassReport> {
  const { clock, onProgress, pinger } = options;
  const pass = async (): Promise<PassReport> => {
    const observer = new Observer(workspace.layout);
    const host = { owner: thisOwner(), livenessOf: livenessWith(observer, workspace.layout) };
    try {
      return await runPass({ workspace, clock, applier, senses, admission, host, onProgress });
    } finally {
      observer.remember();
    }
  };
  if (!workspace.catalog.heartbeat) return pass();
  if (pinger) return pinger.during(workspace, pass);
  const { passWithHeartbeat } = await import('./heartbeat.ts');
  return passWithHeartbeat(workspace, { clock }, pass);
}
