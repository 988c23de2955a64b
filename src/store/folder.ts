import { readdirSync } from 'node:fs';
import { isErrno } from '../model/errors.ts';
import { stateError } from './files.ts';

/** Names in a folder; none if there is no folder. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return [];
    throw stateError('list', path, error);
  }
}
