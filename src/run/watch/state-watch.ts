import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isErrno, messageOf } from '../../model/errors.ts';
import { makeFolder, realFileSystem } from '../../store/files.ts';
import type { Layout } from '../../store/layout.ts';

export interface StateListener {
  woken(reason: 'bell' | 'inbox' | 'state'): void;
  limited(path: string, message: string): void;
}

/**
 * Watches the doorbell and the drop folder: two folders, never what lies deeper. Plain fs.watch and not chokidar, which
 * stats every file and puts a watch on each: over 1,000 drops the median from rename to wake-up was 0.2 ms against 10 to
 * 20 ms (its raw events: 0.7 to 2.2 ms), for a thirtieth of the processor time.
 */
export class StateWatch {
  readonly #layout: Layout;
  readonly #listener: StateListener;
  #watchers: FSWatcher[] = [];

  constructor(layout: Layout, listener: StateListener) {
    this.#layout = layout;
    this.#listener = listener;
  }

  /**
   * Watches what lies there now, whatever was watched before: a folder that was removed or replaced is silent for ever,
   * and its successor may have the same inode number. With `create`, what is missing is made.
   */
  attach({ create }: { create: boolean }): void {
    this.close();
    const { root, inbox } = this.#layout;
    try {
      if (create) makeFolder(realFileSystem, inbox);
    } catch (error) {
      this.#listener.limited(inbox, messageOf(error));
    }
    if (this.#watch(root, this.#inState)) {
      this.#watch(inbox, this.#inInbox);
      return;
    }
    // Its name in the folder above says when it is back. Nothing is made meanwhile: somebody may be moving another one here.
    this.#listener.limited(root, 'the folder is gone; the next rescan makes it again');
    if (this.#watch(dirname(root), this.#aboveState) && existsSync(root)) this.#lookAgain(root);
  }

  close(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }

  readonly #inState = (event: string, name: string | null): void => {
    const { root, inbox, bell } = this.#layout;
    if (name === '.bell') {
      // Whoever removes the folder removes the bell with it, and must not find new files in there.
      if (event === 'change' || existsSync(bell)) this.#listener.woken('bell');
    } else if (event !== 'rename') return;
    else if (name === basename(inbox)) this.#lookAgain(inbox);
    // A folder's own end comes under its own name.
    else if (name === null || name === basename(root)) this.#lookAgain(root);
  };

  readonly #inInbox = (_event: string, name: string | null): void => {
    if (name === null || !name.startsWith('.')) this.#listener.woken('inbox');
  };

  readonly #aboveState = (_event: string, name: string | null): void => {
    if (name === null || name === basename(this.#layout.root)) this.#lookAgain(this.#layout.root);
  };

  /** Something else may stand here now, or nothing. */
  #lookAgain(path: string): void {
    this.attach({ create: false });
    if (existsSync(path)) this.#listener.woken('state');
  }

  /** False if nothing is there. */
  #watch(path: string, listener: (event: string, name: string | null) => void): boolean {
    try {
      const watcher = watch(path, { persistent: false }, (event, name) => {
        // What a closed one still had to say is about what is no longer watched.
        if (this.#watchers.includes(watcher)) listener(event, name);
      });
      watcher.on('error', (error) => this.#listener.limited(path, error.message));
      this.#watchers.push(watcher);
      return true;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return false;
      this.#listener.limited(path, messageOf(error));
      return true;
    }
  }
}
