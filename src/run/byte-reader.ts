import type { Readable } from 'node:stream';
import { isErrno } from '../model/errors.ts';

/** Takes a stream apart in pieces of known length or with a known end, without ever holding more of it than that. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Everything up to this byte, which is dropped; null at the end of the stream. What the end cuts off counts as a piece. */
  async until(byte: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    for (;;) {
      const end = this.#held.indexOf(byte);
      if (end >= 0) {
        parts.push(this.#held.subarray(0, end));
        this.#held = this.#held.subarray(end + 1);
        return Buffer.concat(parts);
      }
      parts.push(this.#held);
      if (!(await this.#more())) return parts.some(({ length }) => length > 0) ? Buffer.concat(parts) : null;
    }
  }

  /** Exactly so many bytes; null if the stream ends before. */
  async exactly(length: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    for (let missing = length; ; ) {
      const part = this.#held.subarray(0, missing);
      parts.push(part);
      missing -= part.length;
      this.#held = this.#held.subarray(part.length);
      if (missing === 0) return Buffer.concat(parts);
      if (!(await this.#more())) return null;
    }
  }

  /** What is left, or null if that is more than `max_bytes`. */
  async rest(max_bytes: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    let length = 0;
    do {
      parts.push(this.#held);
      length += this.#held.length;
      if (length > max_bytes) return null;
    } while (await this.#more());
    return Buffer.concat(parts);
  }

  /** False at the end of the stream. That somebody has closed it is its end, too: what came before is no less true. */
  async #more(): Promise<boolean> {
    const next = await this.#chunks.next().catch((error: unknown) => {
      if (isErrno(error, 'ERR_STREAM_PREMATURE_CLOSE')) return { done: true as const, value: undefined };
      throw error;
    });
    this.#held = next.done ? Buffer.alloc(0) : next.value;
    return !next.done;
  }
}
