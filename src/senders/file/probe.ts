import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isErrno } from '../../model/errors.ts';
import { brief } from '../outcome-text.ts';
import type { Probe } from '../sender.ts';

/** Whether files can be put into the folder. Nothing is written. */
export const probe: Probe = async ({ config, context, address }) => {
  const { directory } = config as { directory?: string };
  const folder = directory ?? address;
  if (folder === undefined)
    return {
      reached: false,
      problem: 'neither `with.directory` of the sender nor `address` of the target names a folder',
      mend: 'with: { directory: PATH }',
    };
  const path = resolve(context.workspace, folder);
  const { place, error } = nearest(path);
  const why = error ?? notWritable(place);
  if (why === null)
    return { reached: true, saw: brief(place === path ? `files can be put into ${folder}` : `${folder} is not there yet, and can be made`) };
  return {
    reached: false,
    problem: brief(`no file can be put into ${folder}: ${why} at ${place}`),
    mend: brief(`ls -ld ${place}; the user whom the passes run as must be allowed to write there`),
  };
};

/** The folder itself, or the one that it would be made in. `error`: something else stands in its way. */
function nearest(path: string): { place: string; error: string | null } {
  try {
    return { place: path, error: statSync(path).isDirectory() ? null : 'a file stands where a folder should be' };
  } catch (error) {
    if (isErrno(error, 'ENOENT') && dirname(path) !== path) return nearest(dirname(path));
    return { place: path, error: isErrno(error) ? String(error.code) : 'it cannot be looked at' };
  }
}

function notWritable(place: string): string | null {
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return isErrno(error) ? `no permission (${error.code})` : 'no permission';
  }
}
