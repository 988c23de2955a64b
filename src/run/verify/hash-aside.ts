import { Worker } from 'node:worker_threads';

/** Reads one file after another, as they are, and tells the SHA-256 of each; null for what cannot be read as a regular file. */
const HASHING = `
const { parentPort, workerData } = require('node:worker_threads');
const { closeSync, constants, fstatSync, openSync, readSync } = require('node:fs');
const { createHash } = require('node:crypto');
const piece = Buffer.allocUnsafe(1024 * 1024);
const hashOf = (path) => {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    if (!fstatSync(descriptor).isFile()) return null;
    const hash = createHash('sha256');
    for (let length; (length = readSync(descriptor, piece, 0, piece.length, null)) > 0; ) hash.update(piece.subarray(0, length));
    return hash.digest('hex');
  } finally {
    closeSync(descriptor);
  }
};
for (const path of workerData) {
  let sha256 = null;
  try {
    sha256 = hashOf(path);
  } catch {}
  parentPort.postMessage({ path, sha256 });
}
`;

/** Fewer are hashed sooner than a thread is started. */
const FEW = 8;

/** Hashes of many files, made by a thread of its own while this one has other things to do. */
export class HashesAside {
  readonly #worker: Worker | null;
  readonly #waiting = new Map<string, (sha256: string | null) => void>();
  readonly #hashes: ReadonlyMap<string, Promise<string | null>>;

  /** `paths` are absolute. */
  constructor(paths: readonly string[]) {
    this.#hashes = new Map(
      paths.length < FEW ? [] : paths.map((path) => [path, new Promise<string | null>((resolve) => this.#waiting.set(path, resolve))]),
    );
    this.#worker = this.#hashes.size === 0 ? null : new Worker(HASHING, { eval: true, workerData: paths, stdin: false });
    this.#worker?.on('message', ({ path, sha256 }: { path: string; sha256: string | null }) => this.#waiting.get(path)?.(sha256));
    // Whoever asks then hashes for himself, and finds out what is wrong.
    for (const end of ['error', 'exit']) this.#worker?.on(end, () => this.#giveUp());
  }

  /** Null where it has to be found out in another way: the file was not among those that were asked for, or could not be read. */
  async of(path: string): Promise<string | null> {
    return (await this.#hashes.get(path)) ?? null;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #giveUp(): void {
    for (const resolve of this.#waiting.values()) resolve(null);
  }
}
