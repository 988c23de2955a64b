import { heartbeatIsDue } from '../run/heartbeat/memory.ts';
import { findIdle } from '../run/idle.ts';
import { recordPass } from '../run/last-pass.ts';
import type { WorkspaceOptions } from '../run/locate.ts';
import { openUnchangedWorkspace } from '../run/workspace.ts';

/**
 * Carries out `rgov reconcile` if it is called in one of its plain forms, nobody looks on, the documents are those of
 * the last time and nothing is due, a heartbeat neither. Returns false in every other case, with nothing done: the
 * command line proper then takes over and says whatever there is to say.
 */
export function reconcileIdly(args: readonly string[]): boolean {
  const options = plainReconcile(args);
  if (options === null || process.stdout.isTTY) return false;
  try {
    const workspace = openUnchangedWorkspace(options);
    if (workspace === null) return false;
    const started_ms = Date.now();
    if (heartbeatIsDue(workspace.catalog, workspace.layout, started_ms)) return false;
    const idle = findIdle(workspace.layout, workspace.catalog, started_ms);
    if (idle === null) return false;
    recordPass(workspace.layout, started_ms, Date.now(), idle.nextDue_ms);
    return true;
  } catch {
    return false;
  }
}

const NAMES: Record<string, keyof WorkspaceOptions> = { '-C': 'workspace', '--workspace': 'workspace', '--binding': 'binding' };

function plainReconcile(args: readonly string[]): WorkspaceOptions | null {
  const options: WorkspaceOptions = {};
  let named = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const name = NAMES[arg];
    const value = args[i + 1];
    if (arg === 'reconcile' && !named) named = true;
    else if (name !== undefined && value !== undefined && !value.startsWith('-')) options[name] = args[++i];
    else if (!(named && (arg === '-q' || arg === '--quiet'))) return null;
  }
  return named ? options : null;
}
