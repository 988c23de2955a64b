import type { LiveApplier } from './applier.ts';
import { livenessOf, thisOwner } from './host.ts';
import { runPass } from './pass.ts';
import type { PassReport } from './pass-report.ts';
import type { Workspace } from './workspace.ts';

export interface CompletePassOptions {
  clock: () => number;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** One pass with real senders, as `rgov reconcile` and `rgov watch` make it. */
export function completePass(workspace: Workspace, { applier }: LiveApplier, { clock, onProgress }: CompletePassOptions): Promise<PassReport> {
  return runPass({ workspace, clock, applier, host: { owner: thisOwner(), livenessOf }, onProgress });
}
