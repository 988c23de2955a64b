import { closeSync, constants, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { isErrno, RgovError } from '../model/errors.ts';

/** One input of `rgov ingest`, whole; foreign listings are far smaller. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;
const FIRST_READ_BYTES = 64 * 1024;

/** All of a file, a pipe or (for `-`) standard input. Throws `not_found` if it cannot be read, `usage` if it is too large. */
export async function readInput(from: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of from === '-' ? process.stdin : openInput(from)) {
      bytes += (chunk as Uint8Array).length;
      if (bytes > MAX_INPUT_BYTES) {
        const what = from === '-' ? 'standard input' : from;
        throw new RgovError('usage', `${what} is larger than ${MAX_INPUT_BYTES} bytes; nothing of it was recorded`, {
          hint: 'split it into smaller files',
        });
      }
      chunks.push(chunk as Uint8Array);
    }
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new RgovError('not_found', `cannot read ${from}: ${error.message}`, { cause: error, hint: `ls -l ${from}` });
  }
  return Buffer.concat(chunks);
}

async function* openInput(path: string): AsyncGenerator<Uint8Array> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = fstatSync(descriptor);
  if (stat.isFile()) yield* createReadStream(path, { fd: descriptor });
  else if (stat.isFIFO()) yield* readPipe(descriptor);
  else {
    closeSync(descriptor);
    throw new RgovError('not_found', `cannot read ${path}: it is neither a file nor a pipe`, { hint: `ls -ld ${path}` });
  }
}

/** A pipe is fine (`<(command)` is one). One that nobody has opened for writing is empty, not something to wait for. */
async function* readPipe(descriptor: number): AsyncGenerator<Uint8Array> {
  const first = Buffer.alloc(FIRST_READ_BYTES);
  try {
    const length = readSync(descriptor, first);
    if (length === 0) {
      closeSync(descriptor);
      return;
    }
    yield first.subarray(0, length);
  } catch (error) {
    if (!isErrno(error, 'EAGAIN')) throw error;
  }
  yield* new Socket({ fd: descriptor, readable: true, writable: false });
}
