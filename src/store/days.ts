import { lstatSync } from 'node:fs';
import { STAGES } from '../model/artifacts.ts';
import type { BadFile } from '../model/snapshot.ts';
import { errno, stateError } from './files.ts';
import { listFolder } from './folder.ts';
import type { Layout } from './layout.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** All days that any stage has a folder for, sorted; those that are packed away have none. */
export function listDays(layout: Layout, bad: BadFile[] = []): string[] {
  const days = new Set<string>();
  for (const stage of STAGES) {
    const folder = layout.stage(stage);
    refuseOtherThanFolder(folder);
    for (const name of listFolder(folder)) {
      if (DAY.test(name)) days.add(name);
      else if (!name.startsWith('.'))
        bad.push({ path: `${stage}/${name}`, reason: 'name_invalid', detail: 'the folders here are named after days, such as 2026-11-22' });
    }
  }
  return [...days].sort();
}

/** Behind a link lie other people's files, and below a file lies nothing: a human has to put this right. */
function refuseOtherThanFolder(path: string): void {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat && !stat.isDirectory()) throw errno(stat.isSymbolicLink() ? 'ELOOP' : 'ENOTDIR', path);
  } catch (error) {
    throw stateError('list', path, error);
  }
}

/** When the folders of a day changed, in milliseconds; null if something else stands where one of them should be. */
export function dayTimes(layout: Layout, day: string, bad: BadFile[]): number[] | null {
  const before = bad.length;
  const times = STAGES.map((stage) => {
    // Not join(): with a year of days that is most of what an idle pass does.
    const path = `${layout.root}/${stage}/${day}`;
    try {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (!stat) return 0;
      if (stat.isDirectory()) return stat.ctimeMs;
      const what = stat.isSymbolicLink() ? 'a symbolic link' : 'a file';
      bad.push({ path: `${stage}/${day}`, reason: 'name_invalid', detail: `${what} stands where the folder of a day should be` });
      return 0;
    } catch (error) {
      throw stateError('read', path, error);
    }
  });
  return bad.length === before ? times : null;
}

export const sameTimes = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((time, i) => time === b[i]);
