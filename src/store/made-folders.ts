import { dirname } from 'node:path';
import { type FileSystem, makeFolder, stateError, syncFolder } from './files.ts';

/** Folders that this process has made, or made sure of: each once, unless somebody has removed it since. */
export class MadeFolders {
  readonly #io: FileSystem;
  readonly #made = new Set<string>();

  constructor(io: FileSystem) {
    this.#io = io;
  }

  /** Durable when this returns. Throws `state_io`. */
  make(folder: string): void {
    if (this.#made.has(folder)) return;
    try {
      makeFolder(this.#io, folder);
      // Whoever made it may have died before its name was durable.
      syncFolder(this.#io, dirname(folder));
    } catch (error) {
      throw stateError('create', folder, error);
    }
    this.#made.add(folder);
  }

  forget(folder: string): void {
    this.#made.delete(folder);
  }

  forgetAll(): void {
    this.#made.clear();
  }
}
