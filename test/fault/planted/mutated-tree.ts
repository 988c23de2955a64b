import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Patch } from '../../bridge/faulty-program.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What the tests of the list read. */
const NEEDED = [
  'src',
  'test',
  'scripts',
  'schemas',
  'policy',
  'profiles',
  'bindings',
  'examples',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];

export interface Checked {
  /** Full names of the tests that passed, and of those that failed. */
  passed: string[];
  failed: string[];
  /** What was printed, for whoever has to find out why nothing was run. */
  output: string;
}

/** A copy of the sources with their tests, in which something can be made wrong and put right again. */
export class MutatedTree {
  readonly #root = realpathSync(mkdtempSync(join(tmpdir(), 'rgov-mutated-')));

  constructor() {
    const figures = join(ROOT, 'test/fault/.figures');
    for (const name of NEEDED) cpSync(join(ROOT, name), join(this.#root, name), { recursive: true, filter: (path) => path !== figures });
    symlinkSync(realpathSync(join(ROOT, 'node_modules')), join(this.#root, 'node_modules'));
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** Runs the tests of some files whose names fit, with these patches in the sources. */
  async check(patches: readonly Patch[], files: readonly string[], name: string): Promise<Checked> {
    const originals = patches.map(({ file }) => ({ path: join(this.#root, file), text: readFileSync(join(this.#root, file), 'utf8') }));
    try {
      for (const patch of patches) this.#apply(patch);
      return await this.#run(files, name);
    } finally {
      for (const { path, text } of originals) writeFileSync(path, text);
    }
  }

  #apply({ file, replace, by }: Patch): void {
    const path = join(this.#root, file);
    const parts = readFileSync(path, 'utf8').split(replace);
    if (parts.length !== 2) throw new Error(`${file} does not hold exactly once what is to be replaced: ${replace}`);
    writeFileSync(path, parts.join(by));
  }

  async #run(files: readonly string[], name: string): Promise<Checked> {
    const report = join(this.#root, 'report.json');
    rmSync(report, { force: true });
    const args = [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--maxWorkers=1',
      '--reporter=json',
      `--outputFile=${report}`,
      '--testNamePattern',
      name,
      ...files,
    ];
    const child = spawn(process.execPath, args, {
      cwd: this.#root,
      env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    await once(child, 'close');
    return { ...resultsIn(report), output };
  }
}

function resultsIn(report: string): Pick<Checked, 'passed' | 'failed'> {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: { fullName: string; status: string }[] }[];
  };
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const names = (status: string): string[] => results.filter((result) => result.status === status).map(({ fullName }) => fullName);
  return { passed: names('passed'), failed: names('failed') };
}
