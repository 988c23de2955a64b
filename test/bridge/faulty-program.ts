import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** Everything that the build reads, and the program when it runs. */
const NEEDED = ['src', 'scripts', 'schemas', 'policy', 'profiles', 'bindings', 'package.json'];

/** A change of one source file; what it replaces must stand there exactly once. */
export interface Patch {
  file: string;
  replace: string;
  by: string;
}

/** A copy of this program with something wrong in it, built like the real one. */
export class FaultyProgram {
  readonly #root = realpathSync(mkdtempSync(join(tmpdir(), 'rgov-faulty-')));
  /** Path of its `rgov.cjs`. */
  readonly path = join(this.#root, 'dist', 'rgov.cjs');

  constructor(patches: readonly Patch[]) {
    try {
      for (const name of NEEDED) cpSync(join(ROOT, name), join(this.#root, name), { recursive: true });
      symlinkSync(realpathSync(join(ROOT, 'node_modules')), join(this.#root, 'node_modules'));
      for (const { file, replace, by } of patches) {
        const path = join(this.#root, file);
        const parts = readFileSync(path, 'utf8').split(replace);
        if (parts.length !== 2) throw new Error(`${file} does not hold exactly once what is to be replaced: ${replace}`);
        writeFileSync(path, parts.join(by));
      }
      execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: this.#root, stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
