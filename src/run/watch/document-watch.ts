import { join } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { messageOf } from '../../model/errors.ts';

/** An editor writes a file in several steps, and a checkout many files. */
const SETTLE_MS = 50;
/** As deep as documents are looked for. */
const DEPTH = 16;

export interface DocumentListener {
  changed(): void;
  limited(path: string, message: string): void;
}

/** Watches the folders of the declared documents. A hint only: the rescan compares the documents themselves. */
export class DocumentWatch {
  readonly #root: string;
  readonly #listener: DocumentListener;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(root: string, listener: DocumentListener) {
    this.#root = root;
    this.#listener = listener;
  }

  async start(): Promise<void> {
    const { watch } = await import('chokidar');
    if (this.#closed) return;
    const folders = ['bindings', 'policy', 'profiles'].map((name) => join(this.#root, name));
    // Links are not followed, just as documents are not looked for behind them.
    this.#watcher = watch(folders, { ignoreInitial: true, followSymlinks: false, depth: DEPTH, ignorePermissionErrors: true });
    this.#watcher.on('all', () => this.#settle());
    // An edit may have come between the first reading and this.
    this.#watcher.on('ready', () => this.#settle());
    this.#watcher.on('error', (error) => this.#listener.limited(this.#root, messageOf(error)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#watcher?.close();
  }

  #settle(): void {
    clearTimeout(this.#timer);
    if (!this.#closed) this.#timer = setTimeout(() => this.#listener.changed(), SETTLE_MS);
  }
}
