import { existsSync, linkSync, lstatSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { isErrno, messageOf, RgovError } from '../../model/errors.ts';
import { readRegular, realFileSystem } from '../../store/files.ts';
import { listFolder } from '../../store/folder.ts';
import { failed, type Heard, type Piece } from './heard.ts';

/** Files taken at one look; the next look takes the next ones. */
const MAX_FILES = 1_000;
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** All that is held in memory at one look, but for the last file. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Below the folder: what could not be taken whole, each file with its reasons beside it. */
const REFUSED = 'refused';

/**
 * Files that others have put there by rename, in order of name. Names that begin with a dot are still being written. One that can neither be read nor be
 * moved aside does not keep the others from being heard.
 */
export function hearFolder(path: string, workspace: string): Heard {
  const folder = isAbsolute(path) ? path : join(workspace, path);
  if (!existsSync(folder)) return failed(`${path} is not there`);
  let names: string[];
  try {
    names = listFolder(folder).filter((name) => !name.startsWith('.') && name !== REFUSED);
  } catch (error) {
    if (error instanceof RgovError) return failed(error.message);
    throw error;
  }
  const pieces: Piece[] = [];
  const troubles: string[] = [];
  let bytes = 0;
  for (const name of names.sort()) {
    if (pieces.length >= MAX_FILES || bytes >= MAX_BYTES || troubles.length >= MAX_FILES) break;
    try {
      const piece = pieceOf(join(folder, name));
      bytes += piece?.bytes.length ?? 0;
      if (piece) pieces.push(piece);
    } catch (error) {
      if (!(error instanceof RgovError) && !isErrno(error)) throw error;
      troubles.push(`${name}: ${messageOf(error)}`);
    }
  }
  return { ok: true, pieces, troubles };
}

function pieceOf(path: string): Piece | null {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return null;
  const read = readRegular(realFileSystem, path, MAX_FILE_BYTES);
  // Somebody else was faster.
  if (read.kind === 'missing') return null;
  const settle = (refused: readonly string[]): void => (refused.length === 0 ? takeAway(path) : moveAside(path, refused));
  if (read.kind === 'bytes') return { from: basename(path), bytes: read.bytes, settle };
  moveAside(path, [read.detail]);
  return null;
}

function takeAway(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw new RgovError('state_io', `cannot take away ${path}: ${messageOf(error)}`, { cause: error });
  }
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Never over a file that was refused before under the same name. */
function moveAside(path: string, refused: readonly string[]): void {
  const folder = join(dirname(path), REFUSED);
  try {
    mkdirSync(folder, { recursive: true });
    for (let n = 0; ; n++) {
      const target = join(folder, n === 0 ? basename(path) : `${basename(path)}.${n}`);
      if (isThere(`${target}.reason.txt`) || isThere(target)) continue;
      // What may not be moved leaves nothing behind, however often it is tried.
      linkSync(path, target);
      writeFileSync(`${target}.reason.txt`, `${refused.join('\n')}\n`, { flag: 'wx' });
      break;
    }
  } catch (error) {
    throw new RgovError('state_io', `cannot move ${path} aside: ${messageOf(error)}`, { cause: error });
  }
  takeAway(path);
}
