import { join } from 'node:path';
import { readCacheBytes, writeCacheFile } from './cache-file.ts';
import { eventsOf, listAllDays } from './history.ts';
import type { Layout } from './layout.ts';

const FORMAT = 1;
/** 48 bits: the hash at the end of an event's name. */
const HASH_BYTES = 6;
const HASH_DIGITS = 2 * HASH_BYTES;

/**
 * Hashes of the sources and ids of all events of sealed days, sorted, in one small file: a year of a thousand events a day
 * takes two megabytes, and is not listed again. A cache: it is made anew where it does not fit.
 */
export class SealedEvents {
  readonly #layout: Layout;
  #through = '';
  #hashes: Buffer = Buffer.alloc(0);

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Those of the hashes that an event of a day up to `sealedThrough` has. */
  among(hashes: Iterable<string>, sealedThrough: string): Set<string> {
    if (sealedThrough === '') return new Set();
    this.#bringUpTo(sealedThrough);
    return new Set([...hashes].filter((hash) => this.#holds(hash)));
  }

  #holds(hash: string): boolean {
    const wanted = Number.parseInt(hash, 16);
    let low = 0;
    let high = this.#hashes.length / HASH_BYTES;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#hashes.readUIntBE(middle * HASH_BYTES, HASH_BYTES) < wanted) low = middle + 1;
      else high = middle;
    }
    return low < this.#hashes.length / HASH_BYTES && this.#hashes.readUIntBE(low * HASH_BYTES, HASH_BYTES) === wanted;
  }

  #bringUpTo(sealedThrough: string): void {
    if (this.#through === sealedThrough) return;
    this.#read();
    if (this.#through === sealedThrough) return;
    // Seals that were taken away may come again with other days.
    const from = this.#through < sealedThrough ? this.#through : '';
    const fresh = listAllDays(this.#layout).flatMap((day) =>
      day > from && day <= sealedThrough
        ? eventsOf(this.#layout, day, new Map())
            .names()
            .map((name) => Number.parseInt(name.slice(-HASH_DIGITS), 16))
        : [],
    );
    this.#hashes = merged(from === '' ? Buffer.alloc(0) : this.#hashes, Float64Array.from(fresh).sort());
    this.#through = sealedThrough;
    writeCacheFile(this.#path(), Buffer.concat([Buffer.from(`${FORMAT} ${sealedThrough}\n`), this.#hashes]));
  }

  #read(): void {
    try {
      const bytes = readCacheBytes(this.#path());
      const end = bytes.indexOf(10);
      const [format, through = ''] = bytes.toString('latin1', 0, end).split(' ');
      const hashes = bytes.subarray(end + 1);
      if (format !== String(FORMAT) || hashes.length % HASH_BYTES !== 0) return;
      this.#through = through;
      this.#hashes = hashes;
    } catch {
      this.#through = '';
    }
  }

  #path(): string {
    return join(this.#layout.cache, 'sealed-events');
  }
}

/** Both are sorted. */
function merged(old: Buffer, fresh: Float64Array): Buffer {
  const all = Buffer.allocUnsafe(old.length + fresh.length * HASH_BYTES);
  let at = 0;
  let i = 0;
  const put = (hash: number): void => {
    at = all.writeUIntBE(hash, at, HASH_BYTES);
  };
  for (let offset = 0; offset < old.length; offset += HASH_BYTES) {
    const known = old.readUIntBE(offset, HASH_BYTES);
    while (i < fresh.length && (fresh[i] as number) < known) put(fresh[i++] as number);
    put(known);
  }
  while (i < fresh.length) put(fresh[i++] as number);
  return all;
}
