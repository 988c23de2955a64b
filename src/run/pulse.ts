import { chmodSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, realFileSystem } from '../store/files.ts';
import type { Layout } from '../store/layout.ts';
import { thisOwner } from './host.ts';

/** Far more often than the shortest lease. */
const BEAT_MS = 5_000;

/**
 * The heartbeat of an owner of claims, for those who cannot look at its process: on another machine, in another process
 * namespace. Only that the file changes counts, never what time it says.
 */
export class Pulse {
  readonly #path: string;
  readonly #folder: string;
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;

  constructor(layout: Layout) {
    this.#folder = layout.owners;
    this.#path = join(layout.owners, thisOwner().nonce);
  }

  /** Begins to beat, before the first claim. */
  start(): void {
    if (this.#timer) return;
    this.#beat();
    this.#timer = setInterval(() => this.#beat(), BEAT_MS).unref();
  }

  stop(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    try {
      unlinkSync(this.#path);
    } catch {
      // A file that nobody changes any more says the same.
    }
  }

  #beat(): void {
    try {
      makeFolder(realFileSystem, this.#folder);
      writeFileSync(this.#path, `${++this.#beats}\n`);
      // Whoever may look into the folder reads it, whatever this process masks out of new modes.
      if (this.#beats === 1) chmodSync(this.#path, 0o644);
    } catch {
      // Then others wait for the lease, and judge by that.
    }
  }
}
