import { formatDuration } from '../../model/time.ts';
import { type Installed, installedHere } from '../activate/installed.ts';
import { readLastPass, watchAge } from '../last-pass.ts';
import type { Workspace } from '../workspace.ts';
import { type CheckResult, fine, resultOf } from './check.ts';

/** Whether passes come as the binding's schedule says, and whether there is anything that makes them. */
export async function checkSchedule(
  workspace: Workspace,
  now_ms: number,
  look: (workspace: Workspace) => Promise<Installed> = installedHere,
): Promise<CheckResult> {
  const {
    layout,
    catalog: { gapAfter_ms, schedule },
  } = workspace;
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
  if (!late) {
    const ago = `the last pass completed ${formatDuration(age_ms ?? 0)} ago`;
    const { held } = await look(workspace);
    // One that was made by hand is no schedule.
    return fine(
      'schedule',
      held.length > 0 ? ago : `${ago}; neither the crontab of this user nor systemd holds it, so nobody here can tell whether another follows`,
    );
  }
  const problem =
    lastPass === null
      ? `${schedule === null ? '' : 'a schedule is declared and '}no pass has ever completed: nothing runs it`
      : `passes were missed: the last one completed ${lastPass.finishedAt}, and at most ${formatDuration(gapAfter_ms)} may lie between two`;
  const { held, suggested } = await look(workspace);
  if (held.length > 0)
    return resultOf('schedule', '', [
      {
        problem: `${problem}, although it is installed (${held.join(', ')})`,
        mend: 'rgov reconcile, which says what holds a pass up; then look whether cron or the timer runs at all: journalctl -t CRON; systemctl list-timers',
      },
    ]);
  if (schedule === null)
    return resultOf('schedule', '', [{ problem, mend: 'rgov reconcile, and let spec.schedule say how often: schedule: { every: 5m }' }]);
  return resultOf('schedule', '', [
    {
      problem: `${problem}; neither the crontab of this user nor systemd holds it`,
      mend: `rgov activate --as ${suggested} --write   (or another kind: rgov activate --help)`,
    },
  ]);
}
