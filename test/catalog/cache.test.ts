import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCachedCatalog, writeCachedCatalog } from '../../src/catalog/cache.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import { here, load, makePipe, temporaryFolder, workspaceWith } from './support.ts';

const KEY = { version: '1.0.0', bindingName: undefined };

async function cached(): Promise<{ workspace: string; packageRoot: string; file: string; catalog: Catalog }> {
  const roots = workspaceWith();
  const { catalog, inputs } = await load(roots);
  if (!catalog) throw new Error('the good workspace is not good');
  const file = join(roots.workspace, '.cache/catalog.json');
  writeCachedCatalog(file, KEY, catalog, inputs);
  return { ...roots, file, catalog };
}

describe('the cached catalog', () => {
  it('is the one that was loaded, as long as nothing changes', async () => {
    const { workspace, file, catalog } = await cached();
    expect(readCachedCatalog(file, KEY)).toEqual(catalog);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(workspace, '.cache'))).toEqual(['catalog.json']);
    utimesSync(join(workspace, 'policy/base.yaml'), 1, 1);
    expect(readCachedCatalog(file, KEY)).toEqual(catalog);
  });

  it('belongs to a version, a binding and a copy of the package', async () => {
    const { file } = await cached();
    expect(readCachedCatalog(file, { ...KEY, version: '1.0.1' })).toBeNull();
    expect(readCachedCatalog(file, { ...KEY, bindingName: 'main' })).toBeNull();
    expect(readCachedCatalog(file, { ...KEY, packageRoot: '/elsewhere' })).toBeNull();
  });

  const changes: [string, (workspace: string, packageRoot: string) => void][] = [
    [
      'a changed byte, though size and time stay the same',
      (workspace) => {
        const path = join(workspace, 'policy/base.yaml');
        const { atime, mtime } = statSync(path);
        writeFileSync(path, readFileSync(path, 'utf8').replace('10m', '20m'));
        utimesSync(path, atime, mtime);
      },
    ],
    ['an added document', (workspace) => writeFileSync(join(workspace, 'profiles/new.yaml'), '')],
    ['an added folder', (workspace) => mkdirSync(join(workspace, 'bindings/senders'))],
    ['a removed document', (workspace) => rmSync(join(workspace, 'profiles/base.yaml'))],
    ['a renamed document', (workspace) => renameSync(join(workspace, 'profiles/base.yaml'), join(workspace, 'profiles/bass.yaml'))],
    ['a removed folder', (workspace) => rmSync(join(workspace, 'policy'), { recursive: true })],
    ['a document of the package', (_, root) => writeFileSync(join(root, 'bindings/senders/senders.yaml'), '')],
    ['a new document of the package', (_, root) => writeFileSync(join(root, 'policy/x.yaml'), '')],
    [
      'a folder in the place of a document',
      (workspace) => {
        rmSync(join(workspace, 'policy/base.yaml'));
        mkdirSync(join(workspace, 'policy/base.yaml'));
      },
    ],
    [
      'a pipe in the place of a document',
      (workspace) => {
        rmSync(join(workspace, 'policy/base.yaml'));
        makePipe(join(workspace, 'policy/base.yaml'));
      },
    ],
    [
      'a link in the place of a folder',
      (workspace) => {
        renameSync(join(workspace, 'policy'), join(workspace, 'moved'));
        symlinkSync('moved', join(workspace, 'policy'));
      },
    ],
  ];
  it.each(changes)('is given up for %s', async (_, change) => {
    const { workspace, packageRoot, file } = await cached();
    change(workspace, packageRoot);
    expect(readCachedCatalog(file, KEY)).toBeNull();
  });

  it('is given up when a folder appears that was not there', async () => {
    const { workspace, packageRoot } = workspaceWith();
    rmSync(join(packageRoot, 'profiles'), { recursive: true });
    const { catalog, inputs } = await load({ workspace, packageRoot });
    const file = join(workspace, '.cache/catalog.json');
    writeCachedCatalog(file, KEY, catalog as Catalog, inputs);
    expect(readCachedCatalog(file, KEY)).toEqual(catalog);
    mkdirSync(join(packageRoot, 'profiles'));
    expect(readCachedCatalog(file, KEY)).toBeNull();
  });

  it('goes with its workspace, and not back to where it came from', async () => {
    const { workspace, catalog } = await cached();
    const copy = join(temporaryFolder(), 'copy');
    cpSync(workspace, copy, { recursive: true });
    const file = join(copy, '.cache/catalog.json');
    expect(readCachedCatalog(file, KEY)).toEqual(catalog);
    writeFileSync(join(copy, 'policy/base.yaml'), '');
    expect(readCachedCatalog(file, KEY)).toBeNull();
  });

  it.each([
    ['nothing', ''],
    ['half of it', null],
    ['no JSON', '\0\u0001garbage'],
    ['null', 'null'],
    ['a number', '42'],
    ['an empty map', '{}'],
    [
      'a map with nothing to compare',
      '{"format":1,"version":"1.0.0","bindingName":null,"packageRoot":null,"folders":[],"documents":[],"catalog":{}}',
    ],
    ['wrong types', '{"format":1,"version":"1.0.0","bindingName":null,"packageRoot":null,"folders":7,"documents":[null],"catalog":[]}'],
    ['a deep one', '['.repeat(100_000)],
  ])('is given up where the file holds %s', async (_, content) => {
    const { file } = await cached();
    writeFileSync(file, content ?? readFileSync(file, 'utf8').slice(0, 500));
    expect(readCachedCatalog(file, KEY)).toBeNull();
  });

  it('is given up where the catalog itself is damaged', async () => {
    const { file } = await cached();
    const content = JSON.parse(readFileSync(file, 'utf8'));
    for (const damage of [
      { rules: 1 },
      { rules: [null] },
      { rules: [{ id: 'of an older version' }] },
      { digest: '' },
      { senders: [] },
      { targets: null },
      { state: undefined },
      { expectations: undefined },
      { expectations: {} },
      { gapAfter_ms: undefined },
      { schedule: undefined },
      { activation: undefined },
      { gapAfter_ms: '1h' },
      { heartbeat: undefined },
      { heartbeat: 'https://x' },
    ]) {
      writeFileSync(file, JSON.stringify({ ...content, catalog: { ...content.catalog, ...damage } }));
      expect(readCachedCatalog(file, KEY)).toBeNull();
    }
  });

  it('is not looked for in a folder, a pipe or nowhere', async () => {
    const { file } = await cached();
    rmSync(file);
    expect(readCachedCatalog(file, KEY)).toBeNull();
    makePipe(file);
    expect(readCachedCatalog(file, KEY)).toBeNull();
    rmSync(file);
    mkdirSync(file);
    expect(readCachedCatalog(file, KEY)).toBeNull();
  });

  it('is not written where nobody may write, and nothing is left behind', async () => {
    const { workspace, packageRoot } = workspaceWith();
    const { catalog, inputs } = await load({ workspace, packageRoot });
    const blocked = join(workspace, '.cache');
    writeFileSync(blocked, 'a file where the folder should be');
    expect(() => writeCachedCatalog(join(blocked, 'catalog.json'), KEY, catalog as Catalog, inputs)).not.toThrow();
    rmSync(blocked);
    mkdirSync(join(blocked, 'catalog.json'), { recursive: true });
    expect(() => writeCachedCatalog(join(blocked, 'catalog.json'), KEY, catalog as Catalog, inputs)).not.toThrow();
    expect(readdirSync(blocked)).toEqual(['catalog.json']);
    chmodSync(blocked, 0o500);
    expect(() => writeCachedCatalog(join(blocked, 'other.json'), KEY, catalog as Catalog, inputs)).not.toThrow();
    chmodSync(blocked, 0o700);
  });

  it('imports nothing that costs time at every start', () => {
    const text = readFileSync(join(here, '../../src/catalog/cache.ts'), 'utf8');
    const imports = [...text.matchAll(/^import (?!type ).* from '(.*)';$/gm)].map(([, module]) => module);
    expect(imports).toEqual(['node:fs', 'node:path']);
    expect(text).not.toMatch(/\brequire\(|import\(/);
  });
});
