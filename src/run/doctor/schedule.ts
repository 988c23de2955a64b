import { formatDuration } from '../../model/time.ts';
import { readLastPass, watchAge } from '../last-pass.ts';
import type { Workspace } from '../workspace.ts';
import { type CheckResult, fine, resultOf } from './check.ts';

/** Whether passes come as the binding's schedule says. */
export function checkSchedule({ layout, catalog: { gapAfter_ms } }: Workspace, now_ms: number): CheckResult {
  const lastPass = readLastPass(layout);
  if (gapAfter_ms === null) {
    if (lastPass !== null) return fine('schedule', `no schedule is declared; the last pass completed ${lastPass.finishedAt}`);
    return resultOf('schedule', '', [
      {
        problem: 'no pass has ever completed here, and no schedule is declared: nobody is told of anything',
        mend: 'rgov reconcile, and let cron or systemd repeat it',
      },
    ]);
  }
  const { late, age_ms } = watchAge(lastPass, gapAfter_ms, now_ms);
  if (!late) return fine('schedule', `the last pass completed ${formatDuration(age_ms ?? 0)} ago`);
  const problem =
    lastPass === null
      ? 'a schedule is declared and no pass has ever completed: nothing runs it'
      : `passes were missed: the last one completed ${lastPass.finishedAt}, and at most ${formatDuration(gapAfter_ms)} may lie between two`;
  return resultOf('schedule', '', [{ problem, mend: 'crontab -l; systemctl list-timers; then rgov reconcile, which says what holds a pass up' }]);
}
