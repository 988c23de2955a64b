/** The last bytes of a stream, however much flows through it. */
export class Tail {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #cut = false;

  constructor(limit_bytes: number) {
    this.#limit = limit_bytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    // Joining only after another limit's worth has come in keeps the cost per byte constant.
    if (this.#size > 2 * this.#limit) this.#trim();
  }

  /** As text. Where the start is missing, the first line may be half of something (half a secret, too), so it is left out. */
  text(): string {
    this.#trim();
    const text = Buffer.concat(this.#chunks).toString('utf8');
    return this.#cut ? text.slice(text.indexOf('\n') + 1) : text;
  }

  #trim(): void {
    if (this.#size <= this.#limit) return;
    // A copy, so that the much larger joined buffer is not kept alive by its end.
    const end = Buffer.from(Buffer.concat(this.#chunks).subarray(-this.#limit));
    this.#chunks = [end];
    this.#size = end.length;
    this.#cut = true;
  }
}
