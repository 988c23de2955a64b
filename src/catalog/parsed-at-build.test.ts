import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastGlob from 'fast-glob';
import { expect, it } from 'vitest';
import { parseYaml } from './parse-yaml.ts';
import { packed, parsedAtBuild, unpacked } from './parsed-at-build.ts';
import { readAtBuild } from './read-at-build.ts';
import { Source } from './source.ts';

const ROOT = join(import.meta.dirname, '../..');
const FILES = fastGlob
  .sync('{policy,profiles,bindings}/**/*.yaml', { cwd: ROOT })
  .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(ROOT, name))) }));
const parse = ({ name, bytes }: (typeof FILES)[number]) =>
  parseYaml(new Source({ name, layer: 'package', bytes, text: new TextDecoder().decode(bytes) }));

it.each(FILES)('$name is the same after packing, with all its places', (file) => {
  const parsed = parse(file);
  expect(unpacked(packed(file.bytes, parsed)[1])).toEqual(parsed);
});

it('every document of the package is kept, under the digest of its bytes', () => {
  const kept = readAtBuild(FILES);
  expect(Object.keys(kept)).toEqual(FILES.map((file) => packed(file.bytes, parse(file))[0]));
});

it('what has problems, and what says nothing, is left to be read each time', () => {
  const bad = ['a: [', '# nothing\n', 'a: 1\na: 2\n'].map((text, i) => ({ name: `policy/${i}.yaml`, bytes: new TextEncoder().encode(text) }));
  expect(readAtBuild(bad)).toEqual({});
});

it('nothing is known where nothing was built', () => {
  expect(FILES.map(({ bytes }) => parsedAtBuild(bytes))).toEqual(FILES.map(() => null));
});
