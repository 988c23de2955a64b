import type { Stats } from 'node:fs';
import { type FileSystem, stateError } from '../files.ts';

/** What stands at a path, no link followed; undefined if nothing does. Throws `state_io`. */
export function look(io: FileSystem, path: string): Stats | undefined {
  try {
    return io.lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw stateError('read', path, error);
  }
}
