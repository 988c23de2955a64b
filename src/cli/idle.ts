import { heartbeatIsDue } from '../run/heartbeat/memory.ts';
import { findIdle } from '../run/idle.ts';
import { idleStamp, printsOfAll } from '../run/idle-stamp.ts';
import { recordPass } from '../run/last-pass.ts';
import { idleStampFile, type WorkspaceOptions } from '../run/locate.ts';
import { openUnchangedWorkspace, type Workspace } from '../run/workspace.ts';
import { writeIdleStamp } from '../store/idle-stamp.ts';
import { mayBeLookedAt, plainReconcile } from './plain-reconcile.ts';

/**
 * Carries out `rgov reconcile` if it is called in one of its plain forms, nobody looks on, the documents are those of
 * the last time and nothing is due, a heartbeat neither. Returns false in every other case, with nothing done: the
 * command line proper then takes over and says whatever there is to say. `program` is the file that was started.
 */
export function reconcileIdly(args: readonly string[], program: string): boolean {
  const options = plainReconcile(args);
  if (options === null) return false;
  try {
    if (mayBeLookedAt()) return false;
    const started_ms = Date.now();
    const idle = lookAround(options, started_ms);
    if (idle === null) return false;
    const { workspace, nextDue_ms } = idle;
    recordPass(workspace.layout, started_ms, Date.now(), nextDue_ms);
    stampIdle(workspace, options, program, started_ms);
    return true;
  } catch {
    return false;
  }
}

interface Idle {
  workspace: Workspace;
  nextDue_ms: number | null;
}

function lookAround(options: WorkspaceOptions, now_ms: number): Idle | null {
  const workspace = openUnchangedWorkspace(options);
  if (workspace === null || heartbeatIsDue(workspace.catalog, workspace.layout, now_ms)) return null;
  const idle = findIdle(workspace.layout, workspace.catalog, now_ms);
  return idle && { workspace, nextDue_ms: idle.nextDue_ms };
}

/** So that the next pass need only see that nothing has changed. */
function stampIdle(workspace: Workspace, options: WorkspaceOptions, program: string, now_ms: number): void {
  const things = printsOfAll(workspace, options, program);
  // What came after the first look may be among what has just been stamped.
  const idle = things && lookAround(options, now_ms);
  if (idle) writeIdleStamp(idleStampFile(workspace.root, options.binding), idleStamp(idle.workspace, idle.nextDue_ms, things, now_ms));
}
