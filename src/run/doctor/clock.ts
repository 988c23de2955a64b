import { closeSync, fstatSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '../../model/time.ts';
import type { Layout } from '../../store/layout.ts';
import { readLastPass } from '../last-pass.ts';
import { type CheckResult, type Finding, resultOf } from './check.ts';

/** Clocks of file systems tick in milliseconds; a difference of this much is another clock. */
const MAX_APART_MS = 2_000;
/** Clocks of two machines that are kept right differ by less. */
const MAX_AHEAD_MS = 60_000;

/** Whether the clock of this process, that of the file system, and what was recorded before agree. */
export function checkClock(folder: string, layout: Layout, now: () => number = Date.now): CheckResult {
  const found: Omit<Finding, 'check'>[] = [];
  const mend = 'timedatectl status; let chrony or systemd-timesyncd keep the clocks of this machine and of its file server';
  const apart_ms = fileClock_ms(folder) - now();
  if (Math.abs(apart_ms) > MAX_APART_MS)
    found.push({
      problem: `the clock of the file system is ${formatDuration(Math.abs(apart_ms))} ${apart_ms > 0 ? 'ahead of' : 'behind'} the one of this machine, so that caches by time of change cannot be trusted`,
      mend,
    });
  const lastPass = readLastPass(layout);
  const ahead_ms = lastPass === null ? 0 : Date.parse(lastPass.finishedAt) - now();
  if (ahead_ms > MAX_AHEAD_MS)
    found.push({
      problem: `the last pass is recorded ${formatDuration(ahead_ms)} in the future (${lastPass?.finishedAt}): a clock was wrong then or is now, and until it is passed nobody notices a gap`,
      mend,
    });
  return resultOf('clock', 'agrees with the file system and with what was recorded', found);
}

/** What the file system takes for now. */
function fileClock_ms(folder: string): number {
  const path = join(folder, `.rgov-doctor-${process.pid}-clock`);
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    return fstatSync(descriptor).mtimeMs;
  } finally {
    closeSync(descriptor);
    rmSync(path, { force: true });
  }
}
