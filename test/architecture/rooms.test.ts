import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rgov-rooms-'));
  const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, $schema: undefined, vcs: { enabled: false } }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The rules that the lint finds broken when these files stand in an otherwise empty tree. */
function brokenRules(files: Record<string, string>): string[] {
  const src = join(folder, 'src');
  rmSync(src, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(src, path)), { recursive: true });
    writeFileSync(join(src, path), text);
  }
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/biome'), ['lint', '--reporter=json', '--max-diagnostics=50', 'src'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { diagnostics: { category: string }[] };
  return [...new Set(diagnostics.map(({ category }) => category.replace(/^lint\/[^/]+\//, '')))].sort();
}

const importing = (path: string): string => `import { x } from '${path}';\n\nexport const y = x;\n`;
const imported = "export const x = 'x';\n";

describe('imports go one way', () => {
  it.each([
    ['model/planted.ts', '../store/thing.ts'],
    ['model/planted.ts', '../plan/thing.ts'],
    ['catalog/planted.ts', '../store/thing.ts'],
    ['catalog/rules/planted.ts', '../../senders/thing.ts'],
    ['store/planted.ts', '../plan/thing.ts'],
    ['plan/planted.ts', '../store/thing.ts'],
    ['plan/features/new/planted.ts', '../../../run/thing.ts'],
    ['plan/planted.ts', 'node:fs'],
    ['adapters/new/planted.ts', '../../senders/thing.ts'],
    ['senders/new/planted.ts', '../../store/thing.ts'],
    ['apply/planted.ts', '../senders/webhook/index.ts'],
    ['apply/planted.ts', '../plan/thing.ts'],
    ['run/planted.ts', '../cli/thing.ts'],
    ['cli/planted.ts', '../store/thing.ts'],
    ['cli/views/planted.ts', '../../catalog/thing.ts'],
  ])('%s may not import %s', (file, target) => {
    const files: Record<string, string> = { [file]: importing(target) };
    if (!target.startsWith('node:')) files[join(dirname(file), target)] = imported;
    expect(brokenRules(files)).toEqual(['noRestrictedImports']);
  });

  it.each([
    ['catalog/fine.ts', '../model/thing.ts'],
    ['plan/features/new/fine.ts', '../../conditions.ts'],
    ['apply/fine.ts', '../senders/sender.ts'],
    ['run/fine.ts', '../senders/registry.generated.ts'],
    ['cli/commands/fine.ts', '../../run/thing.ts'],
  ])('%s may import %s', (file, target) => {
    expect(brokenRules({ [file]: importing(target), [join(dirname(file), target)]: imported })).toEqual([]);
  });

  it('and never in a circle, not even for types', () => {
    const files = {
      'model/a.ts': "import type { B } from './b.ts';\n\nexport interface A {\n  b: B;\n}\n",
      'model/b.ts': "import type { A } from './a.ts';\n\nexport interface B {\n  a: A;\n}\n",
    };
    expect(brokenRules(files)).toEqual(['noImportCycles']);
  });
});

describe('the core is pure', () => {
  it.each(['process.env', 'performance.now()', "fetch('http://127.0.0.1')", 'setTimeout(() => {}, 1)'])('plan may not use %s', (expression) => {
    expect(brokenRules({ 'plan/planted.ts': `export const x = ${expression};\n` })).toContain('noRestrictedGlobals');
  });

  it.each(['Date.now()', 'new Date()', 'Math.random()'])('no source of the core says %s', (expression) => {
    const pattern = new RegExp(expression.replace(/[.()]/g, '\\$&'));
    const { stdout } = spawnSync('git', ['grep', '-lE', pattern.source, '--', 'src/model', 'src/plan', 'src/adapters', 'src/apply', ':!*.test.ts'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });
});
