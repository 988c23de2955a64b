import { resolve } from 'node:path';
import { readIdleStamp, stillHolds } from '../run/idle-stamp.ts';
import { recordPass } from '../run/last-pass.ts';
import { idleStampFile } from '../run/locate.ts';
import type { PlainReconcile } from './plain-reconcile.ts';

/**
 * Carries out `rgov reconcile` where a pass has found nothing to do and everything that it looked at is as it was: what most runs
 * from cron come to, at the price of a few stats. Returns false in every other case, with nothing done.
 */
export function nothingHasChanged(options: PlainReconcile): boolean {
  try {
    const started_ms = Date.now();
    const workspace = resolve(options.workspace ?? '.');
    const stamp = readIdleStamp(idleStampFile(workspace, options.binding));
    if (stamp === null || !stillHolds(stamp, workspace, started_ms)) return false;
    recordPass(stamp, started_ms, Date.now(), stamp.nextDue_ms);
    return true;
  } catch {
    return false;
  }
}
