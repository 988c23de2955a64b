import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lastValidCatalog } from '../../src/run/last-valid.ts';
import { packageVersion } from '../../src/run/locate.ts';
import { catalogOf } from '../support/world.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rgov-last-valid-'));
  mkdirSync(join(root, '.cache'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function remember(name: string, binding: string, parts: Record<string, unknown> = {}, changed_s = 1_000): void {
  const file = join(root, '.cache', name);
  writeFileSync(file, JSON.stringify({ version: packageVersion(), catalog: catalogOf({ binding, digest: name }), ...parts }));
  utimesSync(file, changed_s, changed_s);
}

const found = (binding?: string): string | undefined => lastValidCatalog(root, binding)?.digest;

it('is the one that was asked for in the same words', () => {
  remember('catalog.json', 'default');
  remember('catalog-default.json', 'default', {}, 2_000);
  expect(found()).toBe('catalog.json');
  expect(found('default')).toBe('catalog-default.json');
});

it('is the one of the same binding, however it was asked for', () => {
  remember('catalog-default.json', 'default');
  expect(found()).toBe('catalog-default.json');
  expect(found('other')).toBeUndefined();
  rmSync(join(root, '.cache/catalog-default.json'));
  remember('catalog.json', 'default');
  expect(found('default')).toBe('catalog.json');
  expect(found('other')).toBeUndefined();
});

it('is none where several bindings are remembered and none is named', () => {
  remember('catalog-a.json', 'a');
  remember('catalog-b.json', 'b');
  expect(found()).toBeUndefined();
  expect(found('b')).toBe('catalog-b.json');
});

it('is none where what is remembered is of another version, damaged or not a catalog', () => {
  expect(found()).toBeUndefined();
  const { expectations, ...older } = catalogOf();
  for (const parts of [{ version: '0.0.1' }, { catalog: null }, { catalog: [] }, { catalog: { ...catalogOf(), state: '' } }, { catalog: older }]) {
    remember('catalog.json', 'default', parts);
    expect(found(), JSON.stringify(parts)).toBeUndefined();
  }
  for (const text of ['', '{', 'null', '[]', '1']) {
    writeFileSync(join(root, '.cache/catalog.json'), text);
    expect(found(), text).toBeUndefined();
  }
  expect(expectations).toEqual([]);
  rmSync(join(root, '.cache'), { recursive: true });
  expect(found()).toBeUndefined();
});
