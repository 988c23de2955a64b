import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STAGES } from '../../../src/model/artifacts.ts';
import { artifactsOf } from '../../support/watching.ts';

/** A copy of all artifacts of a state, wherever they lie: loose or packed away. What is packed is read by tar(1) alone. */
export class View {
  readonly path = mkdtempSync(join(tmpdir(), 'rgov-view-'));
  readonly #state: string;

  constructor(state: string) {
    this.#state = state;
  }

  /** Takes a fresh copy. Throws if a file lies there twice with different bytes, or an archive cannot be read. */
  refresh(): this {
    rmSync(this.path, { recursive: true, force: true });
    mkdirSync(this.path);
    const archives = join(this.#state, 'archives');
    for (const name of existsSync(archives) ? readdirSync(archives) : [])
      execFileSync('tar', ['-xzf', join(archives, name), '-C', this.path], { stdio: 'ignore' });
    for (const stage of STAGES) {
      for (const path of artifactsOf(this.#state, stage)) this.#add(path);
    }
    return this;
  }

  /** Documents of one stage; what is torn counts as gone. */
  documents<T>(stage: string): T[] {
    return artifactsOf(this.path, stage).flatMap((path) => {
      try {
        return [JSON.parse(readFileSync(join(this.path, path), 'utf8')) as T];
      } catch {
        return [];
      }
    });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #add(path: string): void {
    const [from, to] = [join(this.#state, path), join(this.path, path)];
    if (existsSync(to) && !readFileSync(from).equals(readFileSync(to))) throw new Error(`${path} is another file in its archive`);
    cpSync(from, to);
  }
}
