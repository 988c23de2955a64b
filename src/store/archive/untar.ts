import { STAGES } from '../../model/artifacts.ts';
import { MAX_ARTIFACT_BYTES } from '../layout.ts';
import { ArchiveFault } from './limits.ts';

const BLOCK = 512;
/** A path of ours is shorter; a header of the pax format that holds more than one is not ours. */
const MAX_PAX_BYTES = 512;
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const OCTAL = /^[0-7]+$/;
/** Magic and version. */
const USTAR = `ustar\u000000`;
const [REGULAR, EXTENDED] = [0x30, 0x78];

/**
 * The files of a tar archive (POSIX ustar, with pax headers for long names) by their paths, as views of `tar`. It is strict: only regular
 * files of this one day's stages, in the order of their paths, none twice, nothing else, nothing left over. Paths are
 * compared and handed out, never written to. Throws `ArchiveFault`.
 */
export function untar(tar: Uint8Array, day: string): Map<string, Uint8Array> {
  const reader = new TarReader(Buffer.from(tar.buffer, tar.byteOffset, tar.length), day);
  const files = new Map<string, Uint8Array>();
  let last = '';
  for (let next = reader.next(); next !== null; next = reader.next()) {
    if (next.path <= last) throw new ArchiveFault(`${next.path} stands in it twice, or out of order`);
    last = next.path;
    files.set(next.path, next.bytes);
  }
  return files;
}

class TarReader {
  readonly #tar: Buffer;
  readonly #folders: ReadonlySet<string>;
  #offset = 0;

  constructor(tar: Buffer, day: string) {
    this.#tar = tar;
    this.#folders = new Set(STAGES.map((stage) => `${stage}/${day}/`));
  }

  /** Null at the end, which must be one: two blocks of zeros, and nothing behind them. */
  next(): { path: string; bytes: Uint8Array } | null {
    let header = this.#header();
    if (header === null) return null;
    let path: string | null = null;
    if (header.type === EXTENDED) {
      if (header.size > MAX_PAX_BYTES) throw new ArchiveFault('an extended header is too long');
      path = pathOfRecord(this.#body(header.size));
      header = this.#header();
      if (header === null) throw new ArchiveFault('nothing follows an extended header');
    }
    if (header.type !== REGULAR) throw new ArchiveFault(`an entry is no regular file (type ${JSON.stringify(String.fromCharCode(header.type))})`);
    if (header.size > MAX_ARTIFACT_BYTES) throw new ArchiveFault(`an entry has ${header.size} bytes; at most ${MAX_ARTIFACT_BYTES} are read`);
    path ??= header.name;
    if (!this.#belongs(path)) throw new ArchiveFault(`${JSON.stringify(path.slice(0, 300))} is no path of an artifact of this day`);
    return { path, bytes: this.#body(header.size) };
  }

  #belongs(path: string): boolean {
    const cut = path.lastIndexOf('/') + 1;
    return this.#folders.has(path.slice(0, cut)) && FILE_NAME.test(path.slice(cut));
  }

  #header(): { name: string; size: number; type: number } | null {
    const block = this.#take(BLOCK);
    if (block[0] === 0) return this.#end(block);
    let sum = 8 * 0x20;
    for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i] as number;
    if (octal(block, 148, 8) !== sum) throw new ArchiveFault('the checksum of a header is wrong');
    if (block.toString('latin1', 257, 265) !== USTAR) throw new ArchiveFault('a header is not of the format ustar');
    if (block[157] !== 0) throw new ArchiveFault('an entry is a link');
    const prefix = text(block, 345, 155);
    const name = text(block, 0, 100);
    return { name: prefix === '' ? name : `${prefix}/${name}`, size: octal(block, 124, 12), type: block[156] as number };
  }

  #end(first: Buffer): null {
    const rest = this.#tar.subarray(this.#offset);
    if (rest.length !== BLOCK || !isZero(first) || !isZero(rest)) throw new ArchiveFault('it does not end as an archive');
    return null;
  }

  /** The body of an entry, without what fills up its last block. */
  #body(size: number): Buffer {
    const padded = this.#take(Math.ceil(size / BLOCK) * BLOCK);
    if (!isZero(padded.subarray(size))) throw new ArchiveFault('something stands between two entries');
    return padded.subarray(0, size);
  }

  #take(size: number): Buffer {
    const end = this.#offset + size;
    if (end > this.#tar.length) throw new ArchiveFault('it is cut off');
    const taken = this.#tar.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}

/** Text of a fixed length, or shorter and then ended by zeros. */
function text(block: Buffer, start: number, length: number): string {
  const field = block.toString('latin1', start, start + length);
  const end = field.indexOf('\0');
  return end < 0 ? field : field.slice(0, end);
}

/** Numbers are octal digits, ended by a zero or a space. What is too large for that is no number of ours. */
function octal(block: Buffer, start: number, length: number): number {
  const digits = text(block, start, length).trimEnd();
  if (!OCTAL.test(digits)) throw new ArchiveFault('a number in a header is none');
  return Number.parseInt(digits, 8);
}

/** The path in an extended header with this one record, `LENGTH path=PATH` and a newline (POSIX, pax). */
function pathOfRecord(body: Buffer): string {
  const record = body.toString('latin1');
  const [, length, path] = /^([1-9]\d{0,3}) path=([^\n\0=]+)\n$/.exec(record) ?? [];
  if (path === undefined || Number(length) !== record.length) throw new ArchiveFault('an extended header says something else than a path');
  return path;
}

const ZEROS = Buffer.alloc(BLOCK);
const isZero = (bytes: Buffer): boolean => bytes.equals(ZEROS.subarray(0, bytes.length));
