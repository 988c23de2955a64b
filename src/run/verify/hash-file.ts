import { constants } from 'node:fs';
import { isErrno, messageOf } from '../../model/errors.ts';
import { realFileSystem as io } from '../../store/files.ts';

/** Larger pieces are no faster, and memory that is used again need not be cleared by the kernel each time. */
const piece = Buffer.allocUnsafe(1024 * 1024);

export type HashedFile =
  | { kind: 'hash'; sha256: string }
  | { kind: 'missing' }
  | { kind: 'bad'; reason: 'not_a_regular_file' | 'unreadable'; detail: string };

/** SHA-256 of a regular file of any size, as it is; `onPiece` sees every byte of it, in order, and may keep none of them. */
export function hashFile(path: string, onPiece: (bytes: Buffer) => void = () => {}): HashedFile {
  let descriptor: number;
  try {
    descriptor = io.openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { kind: 'missing' };
    if (isErrno(error, 'ELOOP', 'EMLINK')) return { kind: 'bad', reason: 'not_a_regular_file', detail: 'a symbolic link stands here' };
    return { kind: 'bad', reason: 'unreadable', detail: messageOf(error) };
  }
  try {
    if (!io.fstatSync(descriptor).isFile()) return { kind: 'bad', reason: 'not_a_regular_file', detail: 'no regular file stands here' };
    const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
    for (;;) {
      const length = io.readSync(descriptor, piece, 0, piece.length, null);
      if (length === 0) return { kind: 'hash', sha256: hash.digest('hex') };
      const bytes = piece.subarray(0, length);
      hash.update(bytes);
      onPiece(bytes);
    }
  } catch (error) {
    return { kind: 'bad', reason: 'unreadable', detail: messageOf(error) };
  } finally {
    io.closeSync(descriptor);
  }
}
