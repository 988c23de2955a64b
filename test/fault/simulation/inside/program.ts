/// <reference path="./world.d.ts" />

import { isErrno, messageOf, RgovError } from '../../../../src/model/errors.ts';
import type { EventDraft } from '../../../../src/model/event.ts';
import { acknowledge } from '../../../../src/run/acknowledge.ts';
import { liveApplier } from '../../../../src/run/applier.ts';
import { bridgeOnce } from '../../../../src/run/bridge.ts';
import { completePass } from '../../../../src/run/complete-pass.ts';
import { confirm } from '../../../../src/run/confirm.ts';
import { thisOwner } from '../../../../src/run/host.ts';
import type { PassReport } from '../../../../src/run/pass-report.ts';
import { reconcile } from '../../../../src/run/reconcile.ts';
import { recordAll, recordOne } from '../../../../src/run/record.ts';
import { retry } from '../../../../src/run/retry.ts';
import { Publisher } from '../../../../src/store/publish.ts';
import { openUnchangedWorkspace } from './workspace.ts';

/** What a process was started for. */
export type Task =
  | { kind: 'reconcile' }
  | { kind: 'watch'; sleeps_ms: number[] }
  | { kind: 'bridge'; sender: string }
  | { kind: 'ingest'; drafts: EventDraft[] }
  | { kind: 'report'; draft: EventDraft }
  | { kind: 'acknowledge'; notice: string; by: string }
  | { kind: 'confirm'; handoff: string; evidence?: 'accepted' | 'relayed' | 'delivered' | 'seen'; reference?: string; failed?: string; by: string }
  | { kind: 'retry'; notice: string; by: string };

/** Runs a process to its end, as the command line would. */
export function start(taskText: string): void {
  const task = JSON.parse(taskText) as Task;
  run(task).then(
    (result) => __simulation.finished(JSON.stringify(result ?? null)),
    (error: unknown) => __simulation.failed(kindOf(error), kindOf(error) === 'unexpected' ? stackOf(error) : messageOf(error)),
  );
}

/** As the command line tells it. */
function kindOf(error: unknown): string {
  if (error instanceof RgovError) return error.kind;
  return isErrno(error) ? 'state_io' : 'unexpected';
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function run(task: Task): Promise<unknown> {
  const workspace = openUnchangedWorkspace();
  const { layout } = workspace;
  switch (task.kind) {
    case 'reconcile':
      return summary(await reconcile({}));
    case 'watch':
      return watch(task.sleeps_ms);
    case 'bridge':
      return summary(await bridgeOnce({ sender: task.sender }));
    case 'ingest':
      return recordAll(layout, new Publisher(layout, thisOwner().nonce), task.drafts, Date.now());
    case 'report':
      return [recordOne(new Publisher(layout, thisOwner().nonce), task.draft, Date.now()).result];
    case 'acknowledge':
      return changed(await acknowledge(task));
    case 'confirm':
      return changed(await confirm(task));
    case 'retry':
      return changed(await retry(task));
  }
}

const changed = (said: { changed: boolean }): { changed: boolean } => ({ changed: said.changed });

/** As `rgov watch`: one process, many passes, and what it learned in one is used in the next. */
async function watch(sleeps_ms: readonly number[]): Promise<unknown> {
  const workspace = openUnchangedWorkspace();
  const live = liveApplier(workspace, Date.now, { lasting: true });
  const failures: string[] = [];
  try {
    for (const sleep_ms of sleeps_ms) {
      const report = await completePass(workspace, live, { clock: Date.now });
      failures.push(...report.failures);
      await new Promise((resolve) => setTimeout(resolve, sleep_ms));
    }
  } finally {
    await live.close();
  }
  return { failures, nextDue_ms: null };
}

function summary({ failures, nextDue_ms, waiting, quarantined }: PassReport): object {
  return { failures, nextDue_ms, waiting, quarantined };
}
