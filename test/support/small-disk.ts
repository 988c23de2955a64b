import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of its own, mounted on a folder. Only root can make one, and not in every container. */
export class SmallDisk {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Null where mounting is not allowed. `options` as in tmpfs(5): `size=2m`, `nr_inodes=20`. */
  static mount(path: string, options: string): SmallDisk | null {
    mkdirSync(path, { recursive: true });
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
    return status === 0 ? new SmallDisk(path) : null;
  }

  remount(options: string): void {
    execFileSync('mount', ['-o', `remount,${options}`, this.#path]);
  }

  /** Leaves so many blocks of 4 KiB free. */
  fill(free_blocks: number): void {
    const filler = join(this.#path, '.filler');
    for (;;) {
      try {
        writeFileSync(filler, Buffer.alloc(16 * 4096), { flag: 'a' });
      } catch {
        break;
      }
    }
    const [size] = /^\d+/.exec(execFileSync('stat', ['-c', '%s', filler], { encoding: 'utf8' })) ?? ['0'];
    execFileSync('truncate', ['-s', String(Math.max(0, Math.floor(Number(size) / 4096) - free_blocks) * 4096), filler]);
  }

  free(): void {
    rmSync(join(this.#path, '.filler'), { force: true });
  }

  unmount(): void {
    spawnSync('umount', ['-l', this.#path]);
  }
}
