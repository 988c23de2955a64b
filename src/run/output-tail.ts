import { lastPart, printable } from '../model/text.ts';

const MAX_LINES = 20;
const MAX_CHARACTERS = 4_000;
/** Enough bytes for the characters above in any UTF-8 text. */
const MAX_BYTES = 4 * MAX_CHARACTERS;

/** Remembers the last lines of what a command printed, however much that was. */
export class OutputTail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > 4 * MAX_BYTES) this.#shrink();
  }

  #shrink(): void {
    const kept = Buffer.from(Buffer.concat(this.#chunks).subarray(-MAX_BYTES));
    this.#chunks = [kept];
    this.#bytes = kept.length;
  }

  /** At most 20 lines and 4,000 characters, without anything that a terminal would obey. */
  text(): string {
    this.#shrink();
    const text = printable((this.#chunks[0] ?? Buffer.alloc(0)).toString('utf8')).trimEnd();
    return lastPart(text.split('\n').slice(-MAX_LINES).join('\n'), MAX_CHARACTERS);
  }
}
