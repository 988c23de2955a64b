import { ArchiveFault, MAX_TAR_BYTES } from './limits.ts';

/** Header and trailer of an empty gzip file (RFC 1952). */
const LEAST_BYTES = 10 + 8;
/** Identification, deflate, no flags: no name, no comment, nothing extra; then no time. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);

/**
 * What a gzip file of ours holds. Memory is bounded by the size that the file itself gives at its end (RFC 1952, ISIZE), and that
 * by {@link MAX_TAR_BYTES}: a file that gives less than it holds is refused as soon as more comes. Throws `ArchiveFault`.
 */
export function unzip(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.length < LEAST_BYTES || !file.subarray(0, HEADER.length).equals(HEADER)) throw new ArchiveFault('it does not begin as an archive');
  const size = file.readUInt32LE(file.length - 4);
  if (size > MAX_TAR_BYTES) throw new ArchiveFault(`it says that it holds ${size} bytes; at most ${MAX_TAR_BYTES} are read`);
  const { buffer, consumed } = gunzip(file, size);
  if (buffer.length !== size) throw new ArchiveFault(`it holds ${buffer.length} bytes, and says ${size}`);
  if (consumed !== file.length) throw new ArchiveFault(`${file.length - consumed} bytes follow its end`);
  return buffer;
}

interface Unzipped {
  buffer: Buffer;
  engine: { bytesWritten: number };
}

function gunzip(file: Buffer, size: number): { buffer: Buffer; consumed: number } {
  // Whoever reads no archive need not load it.
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  try {
    // With room for everything, and for one byte too many, it comes in one piece.
    const options = { maxOutputLength: size + 1, chunkSize: Math.max(size + 1, 64), info: true };
    // What `info` does to the result is missing in its type (nodejs.org/api/zlib.html, "Class: Options").
    const { buffer, engine } = gunzipSync(file, options) as unknown as Unzipped;
    return { buffer, consumed: engine.bytesWritten };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ArchiveFault(code === 'ERR_BUFFER_TOO_LARGE' ? 'it holds more than it says' : `its compressed data are damaged (${code})`);
  }
}
