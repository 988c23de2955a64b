import { lstatSync, mkdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isErrno, messageOf } from '../../../model/errors.ts';
import type { Found, Piece } from '../piece.ts';
import { cannot, removeFile } from '../replace-file.ts';

/** What `systemctl enable` makes: a link by which one unit is started with another. */
export function linkPiece(path: string, to: string, why: string): Piece {
  return {
    where: path,
    why,
    text: `-> ${to}\n`,
    look: () => lookAt(path, to),
    write: () => {
      const temporary = `${path}.${process.pid}`;
      try {
        mkdirSync(dirname(path), { recursive: true });
        symlinkSync(to, temporary);
        renameSync(temporary, path);
      } catch (error) {
        throw cannot('write', path, error);
      }
    },
    remove: () => removeFile(path),
  };
}

function lookAt(path: string, to: string): Found {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return { status: 'missing' };
    if (!stat.isSymbolicLink()) return { status: 'foreign', differences: ['- a file', `+ -> ${to}`] };
    const is = readlinkSync(path);
    return resolve(dirname(path), is) === to ? { status: 'same' } : { status: 'foreign', differences: [`- -> ${is}`, `+ -> ${to}`] };
  } catch (error) {
    return { status: 'unknown', reason: `${path} cannot be looked at: ${isErrno(error) ? error.code : messageOf(error)}` };
  }
}
