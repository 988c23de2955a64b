// Not for their names: what a pass nearly always loads is to be in the same file as this.
import '../run/applier.ts';
import '../run/complete-pass.ts';
import { heartbeatIsDue } from '../run/heartbeat/memory.ts';
import { findIdle } from '../run/idle.ts';
import { writeIdleStamp } from '../run/idle-stamp.ts';
import { recordPass } from '../run/last-pass.ts';
import { idleStampFile, type WorkspaceOptions } from '../run/locate.ts';
import { passFully, reconcile } from '../run/reconcile.ts';
import { idleStamp, printsOfAll } from '../run/stamp-idle.ts';
import { sizeThreadPool } from '../run/thread-pool.ts';
import { openUnchangedWorkspace, type Workspace } from '../run/workspace.ts';
import { watchOutput } from './output-failed.ts';
import type { PlainReconcile } from './plain-reconcile.ts';
import { reconcileAndPrint } from './reconcile-and-print.ts';

/**
 * `rgov reconcile` as cron starts it, without the rest of the command line: nearly all that a short run takes is loading.
 * `program` is the file that was started. Never throws.
 */
export async function reconcilePlainly(options: PlainReconcile, program: string): Promise<void> {
  const found = passIdly(options, program);
  if (found === 'idle') return;
  // The documents are read with asynchronous calls, before anybody knows how much there is to do.
  if (found === 'unknown') sizeThreadPool(Infinity);
  watchOutput();
  try {
    await reconcileAndPrint(options, found === 'unknown' ? reconcile : (more) => passFully(found.workspace, more, Date.now));
  } catch (error) {
    const { asRgovError, printError } = await import('./views/error.ts');
    const known = asRgovError(error);
    await printError(known, false);
    process.exitCode = known.exitCode;
  }
}

interface Busy {
  workspace: Workspace;
}

/**
 * Makes the pass if it finds nothing to do. `unknown` where the documents are not those of the last time, a heartbeat is due, or something
 * cannot be read. Unless it says `idle`, nothing was done.
 */
export function passIdly(options: WorkspaceOptions, program: string): 'idle' | 'unknown' | Busy {
  try {
    const started_ms = Date.now();
    const looked = lookAround(options, started_ms);
    if (looked === null) return 'unknown';
    const { workspace, idle } = looked;
    if (idle === null) return { workspace };
    recordPass(workspace.layout, started_ms, Date.now(), idle.nextDue_ms);
    stampIdle(workspace, options, program, started_ms);
    return 'idle';
  } catch {
    return 'unknown';
  }
}

function lookAround(options: WorkspaceOptions, now_ms: number): { workspace: Workspace; idle: ReturnType<typeof findIdle> } | null {
  const workspace = openUnchangedWorkspace(options);
  if (workspace === null || heartbeatIsDue(workspace.catalog, workspace.layout, now_ms)) return null;
  return { workspace, idle: findIdle(workspace.layout, workspace.catalog, now_ms) };
}

/** So that the next pass need only see that nothing has changed. */
function stampIdle(workspace: Workspace, options: WorkspaceOptions, program: string, now_ms: number): void {
  const things = printsOfAll(workspace, options, program);
  // What came after the first look may be among what has just been stamped.
  const again = things === null ? null : lookAround(options, now_ms);
  if (things === null || !again?.idle) return;
  writeIdleStamp(idleStampFile(workspace.root, options.binding), idleStamp(again.workspace, again.idle.nextDue_ms, things, now_ms));
}
