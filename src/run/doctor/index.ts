import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../model/errors.ts';
import type { WorkspaceOptions } from '../locate.ts';
import type { Workspace } from '../workspace.ts';
import { type CheckName, type CheckResult, resultOf, skipped } from './check.ts';
import { checkClock } from './clock.ts';
import { checkDocuments } from './documents.ts';
import { checkFileSystem } from './file-system.ts';
import { checkIgnored } from './ignored.ts';
import { checkNode } from './node.ts';
import { checkRoom } from './room.ts';
import { checkSchedule } from './schedule.ts';
import { checkSecrets } from './secrets.ts';
import { checkSenders } from './senders.ts';
import { checkStateFolder } from './state-folder.ts';
import { checkWatching } from './watching.ts';

export interface DoctorOptions extends WorkspaceOptions {
  /** Also whether each way out can be reached: the one thing that speaks to the outside. */
  probe?: boolean;
}

export interface DoctorReport {
  /** Nothing is amiss. */
  ok: boolean;
  checks: CheckResult[];
}

/** Looks at everything around this deployment that it depends on. Leaves nothing behind; what it tries out, it removes again. */
export async function examine(options: DoctorOptions, clock: () => number = Date.now): Promise<DoctorReport> {
  const { result, workspace } = await checkDocuments(options);
  const around = workspace === null ? [] : await examineWorkspace(workspace, clock, options.probe === true);
  const checks = [await attempt('node', () => checkNode()), result, ...around];
  return { ok: checks.every(({ status }) => status !== 'amiss'), checks };
}

async function examineWorkspace(workspace: Workspace, clock: () => number, probe: boolean): Promise<CheckResult[]> {
  const { layout, root } = workspace;
  const place = nearestFolder(layout.root);
  return Promise.all([
    attempt('state', () => checkStateFolder(layout)),
    attempt('file-system', () => checkFileSystem(place)),
    attempt('room', () => checkRoom(place)),
    attempt('clock', () => checkClock(place, layout, clock)),
    attempt('watching', () => checkWatching(place)),
    attempt('git', () => checkIgnored(layout, root)),
    attempt('secrets', () => checkSecrets(workspace)),
    attempt('senders', () => (probe ? checkSenders(workspace) : skipped('senders', 'not asked whether they can be reached: rgov doctor --probe'))),
    attempt('schedule', () => checkSchedule(workspace, clock())),
  ]);
}

/** A check that cannot be carried out is a finding of its own, and keeps no other one from being made. */
async function attempt(check: CheckName, work: () => CheckResult | Promise<CheckResult>): Promise<CheckResult> {
  try {
    return await work();
  } catch (error) {
    return resultOf(check, '', [{ problem: `this could not be looked at: ${messageOf(error)}`, mend: 'run it as the user whom the passes run as' }]);
  }
}

/** State may not be there yet; what it is going to lie in is. */
function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}
