import { readSync } from 'node:fs';
import { isErrno } from '../model/errors.ts';

const FIRST_BYTES = 64 * 1024;
const MAX_BYTES = 64 * 1024 * 1024;
const WAIT_MS = 2;

/**
 * All that comes on standard input, without the stream that Node makes of it, which takes longer to load than a hook to be answered. Empty where it cannot
 * be read, and cut off where there is more than 64 MiB: neither is anything that somebody could take for an answer.
 */
export function readStandardInput(): Uint8Array {
  let buffer = Buffer.allocUnsafe(FIRST_BYTES);
  let length = 0;
  for (;;) {
    if (length === buffer.length) {
      if (length >= MAX_BYTES) return buffer;
      buffer = Buffer.concat([buffer], 2 * length);
    }
    try {
      const read = readSync(0, buffer, length, buffer.length - length, null);
      if (read === 0) return buffer.subarray(0, length);
      length += read;
    } catch (error) {
      if (isErrno(error, 'EOF')) return buffer.subarray(0, length);
      if (!isErrno(error, 'EAGAIN', 'EINTR')) return new Uint8Array();
      // Whoever writes into it has made it non-blocking.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}
