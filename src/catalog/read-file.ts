import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { isErrno } from '../model/errors.ts';
import type { ProblemCode } from './problem.ts';

/** The largest file of documents, in bytes. */
const MAX_FILE_BYTES = 1024 * 1024;

export type FileContent =
  /** `identity` is the same for two names of one file. */
  { ok: true; bytes: Buffer; identity: string } | { ok: false; code: ProblemCode; message: string };

/**
 * Reads a document without ever waiting: a pipe is opened without blocking and then refused. Symbolic links to regular files
 * are followed, because that is how Kubernetes mounts a ConfigMap.
 */
export function readDocumentFile(path: string): FileContent {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    return { ok: false, code: 'unreadable', message: whyNotOpened(error) };
  }
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) return { ok: false, code: 'not_a_file', message: 'this is a folder, but its name is that of a document' };
    if (!stats.isFile()) return { ok: false, code: 'not_a_file', message: 'this is no regular file' };
    if (stats.size > MAX_FILE_BYTES) return { ok: false, code: 'too_large', message: `the file is larger than ${MAX_FILE_BYTES} bytes` };
    // The file may be growing: one byte more than the limit is enough to see it.
    const buffer = Buffer.allocUnsafe(MAX_FILE_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(descriptor, buffer, length, buffer.length - length, length);
    if (length > MAX_FILE_BYTES) return { ok: false, code: 'too_large', message: `the file is larger than ${MAX_FILE_BYTES} bytes` };
    return { ok: true, bytes: Buffer.from(buffer.subarray(0, length)), identity: `${stats.dev}:${stats.ino}` };
  } catch (error) {
    return { ok: false, code: 'unreadable', message: `the file cannot be read (${String((error as NodeJS.ErrnoException).code)})` };
  } finally {
    closeSync(descriptor);
  }
}

function whyNotOpened(error: unknown): string {
  if (isErrno(error, 'ENOENT')) return 'this symbolic link leads nowhere';
  if (isErrno(error, 'ELOOP')) return 'this symbolic link leads in a circle';
  if (isErrno(error, 'EACCES', 'EPERM')) return 'the file may not be read by this user';
  return `the file cannot be opened (${String((error as NodeJS.ErrnoException).code)})`;
}
