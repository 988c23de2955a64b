import { lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { isErrno, messageOf } from '../../model/errors.ts';
import { differencesOf, type Found, type Piece } from './piece.ts';
import { removeFile, replaceFile } from './replace-file.ts';
import { judgeStamp, type Owner, stampLine } from './stamp.ts';

export interface FileParts {
  owner: Owner;
  /** Absolute. */
  path: string;
  mode: number;
  /** Without the first line, which says whose it is. */
  text: string;
  /** What begins a comment in such a file: `#`, `//`. */
  comment: string;
  why: string;
}

/** A whole file of our own. Its first line says whose it is, so that nobody else's is ever replaced or removed. */
export function filePiece({ owner, path, mode, text, comment, why }: FileParts): Piece {
  const whole = `${comment} ${stampLine(owner, text)}\n${text}`;
  return {
    where: path,
    why,
    text: whole,
    look: () => lookAt(path, { whole, mode, comment, owner }),
    write: () => replaceFile(path, whole, mode),
    remove: () => removeFile(path),
  };
}

/** Larger than anything that is installed. */
const MAX_BYTES = 4 * 1024 * 1024;

function lookAt(path: string, { whole, mode, comment, owner }: { whole: string; mode: number; comment: string; owner: Owner }): Found {
  let there: Buffer;
  let isLink: boolean;
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return { status: 'missing' };
    isLink = stat.isSymbolicLink();
    const target = statSync(path);
    // A pipe would be waited for.
    if (target.isFIFO() || target.size > MAX_BYTES)
      return { status: 'unknown', reason: `${path} is no file that could be ours`, hint: `ls -l ${path}` };
    there = readFileSync(path);
  } catch (error) {
    return { status: 'unknown', reason: `${path} cannot be read: ${isErrno(error) ? error.code : messageOf(error)}`, hint: `ls -l ${path}` };
  }
  const text = there.toString('utf8');
  if (there.equals(Buffer.from(whole))) {
    const is = statSync(path).mode & 0o7777;
    return is === mode
      ? { status: 'same' }
      : { status: 'changed', byHand: false, differences: [`- mode ${is.toString(8)}`, `+ mode ${mode.toString(8)}`] };
  }
  const verdict = judge(text, comment, owner);
  // What a stranger's link leads to may be a secret, and is not shown.
  if (verdict === 'foreign' && isLink) return { status: 'foreign', differences: [`- a link to ${readlinkSync(path)}`] };
  const differences = differencesOf(text, whole);
  return verdict === 'foreign' ? { status: 'foreign', differences } : { status: 'changed', byHand: verdict === 'edited', differences };
}

function judge(text: string, comment: string, owner: Owner): ReturnType<typeof judgeStamp> {
  const end = text.indexOf('\n');
  if (end < 0 || !text.startsWith(`${comment} `)) return 'foreign';
  return judgeStamp(text.slice(comment.length + 1, end), owner, text.slice(end + 1));
}
