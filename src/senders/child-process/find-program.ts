import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Probed } from '../sender.ts';

/** Whether a program is there and may be run, as a child that starts in `cwd` with this PATH would find it. It is not run. */
export function probeProgram(file: string, cwd: string, path: string | undefined): Probed {
  if (isFolder(cwd) === false) return { reached: false, problem: `the folder that ${file} starts in is not there: ${cwd}`, mend: `mkdir -p ${cwd}` };
  // As execvp(3): a name without a slash is looked for, any other is a path from where the child starts.
  const places = file.includes('/')
    ? [resolve(cwd, file)]
    : (path ?? '')
        .split(delimiter)
        .filter((folder) => folder !== '')
        .map((folder) => join(resolve(cwd, folder), file));
  const found = places.find(isProgram);
  if (found !== undefined) return { reached: true, saw: `the program ${found} is there and may be run; it was not` };
  const there = places.find((place) => statSync(place, { throwIfNoEntry: false }) !== undefined);
  if (there !== undefined) return { reached: false, problem: `${there} may not be run by this user`, mend: `chmod +x ${there}` };
  const where = file.includes('/') ? `it is not at ${places[0]}` : 'no folder of PATH holds it';
  return {
    reached: false,
    problem: `there is no program ${file}: ${where}`,
    mend: `install ${file}, or name it by its whole path: cron and systemd have a short PATH`,
  };
}

function isProgram(place: string): boolean {
  try {
    accessSync(place, constants.X_OK);
    return statSync(place).isFile();
  } catch {
    return false;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
