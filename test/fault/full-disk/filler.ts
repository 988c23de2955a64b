import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../../../src/model/errors.ts';

/** A block of the smallest disks. */
const SMALLEST_BYTES = 1024;

/** What else fills a disk: by its content, or by the number of its files. */
export class Filler {
  readonly #folder: string;
  readonly #what: 'blocks' | 'inodes';

  constructor(disk: string, what: 'blocks' | 'inodes') {
    this.#folder = join(disk, '.filler');
    this.#what = what;
  }

  /** Takes all that is left. */
  fill(): void {
    mkdirSync(this.#folder, { recursive: true });
    if (this.#what === 'inodes') {
      for (let n = 0; fits(() => writeFileSync(join(this.#folder, String(n)), '')); n++);
      return;
    }
    for (const bytes of [1024 * 1024, 64 * 1024, 4096, SMALLEST_BYTES])
      while (fits(() => appendFileSync(join(this.#folder, 'filler'), Buffer.alloc(bytes))));
  }

  /** Gives a little of it back: too little for a whole file, most of the times. */
  yieldSome(): void {
    if (this.#what === 'inodes') {
      const [name] = readdirSync(this.#folder);
      if (name !== undefined) rmSync(join(this.#folder, name));
      return;
    }
    const path = join(this.#folder, 'filler');
    truncateSync(path, Math.max(0, statSync(path).size - SMALLEST_BYTES));
  }

  free(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function fits(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOSPC')) return false;
    throw error;
  }
}
