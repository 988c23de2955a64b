import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno, messageOf } from '../../model/errors.ts';
import { type CheckResult, type Finding, resultOf } from './check.ts';

/** A change that was not heard of by then is not heard of. */
const LIMIT_MS = 3_000;
/** Beside editors and other tools on the same account; `rgov watch` itself takes a few dozen (inotify(7)). */
const MIN_WATCHES = 1_024;
const MIN_INSTANCES = 16;

/** Whether `rgov watch` hears of changes where state lies. */
export async function checkWatching(folder: string, start: typeof watch = watch): Promise<CheckResult> {
  const found: Omit<Finding, 'check'>[] = [];
  const consequence = 'rgov watch would notice changes at its rescans only';
  const problem = await trial(folder, start);
  if (problem !== null) found.push({ problem: `${problem}; ${consequence}`, mend: mendFor(problem) });
  const limits = { max_user_watches: MIN_WATCHES, max_user_instances: MIN_INSTANCES };
  for (const [name, least] of Object.entries(limits)) {
    const limit = readLimit(name);
    if (limit !== null && limit < least)
      found.push({
        problem: `fs.inotify.${name} is ${limit}; ${consequence} as soon as others use it up`,
        mend: `sysctl fs.inotify.${name}=${least * 8}`,
      });
  }
  return resultOf('watching', 'a change in a folder is heard of', found);
}

function trial(folder: string, start: typeof watch): Promise<string | null> {
  const place = mkdtempSync(join(folder, '.rgov-doctor-'));
  return new Promise<string | null>((resolve) => {
    const timer = setTimeout(() => resolve('a change in a folder was not heard of'), LIMIT_MS);
    const end = (result: string | null): void => {
      clearTimeout(timer);
      resolve(result);
    };
    try {
      const watcher = start(place, () => end(null));
      watcher.on('error', (error) => end(whyNot(error)));
      // Never what keeps the process alive.
      watcher.unref();
      setTimeout(() => writeFileSync(join(place, 'bell'), ''), 20);
    } catch (error) {
      end(whyNot(error));
    }
  }).finally(() => rmSync(place, { recursive: true, force: true }));
}

const whyNot = (error: unknown): string => `folders cannot be watched (${isErrno(error) ? error.code : messageOf(error)})`;

function mendFor(problem: string): string {
  if (problem.includes('ENOSPC')) return 'sysctl fs.inotify.max_user_watches=65536';
  if (problem.includes('EMFILE')) return 'sysctl fs.inotify.max_user_instances=512';
  return 'use rgov reconcile from cron, or a shorter spec.schedule.every: rgov watch looks again that often whatever it hears';
}

/** Null where there is no such limit to read. */
function readLimit(name: string): number | null {
  try {
    return Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'));
  } catch {
    return null;
  }
}
