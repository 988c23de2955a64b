import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sha256 } from '../../model/hash.ts';
import { HashesAside } from './hash-aside.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rgov-aside-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

it('hashes what there is, and leaves what is no regular file to whoever asks', async () => {
  const large = Buffer.alloc(3 * 1024 * 1024 + 1, 'x');
  const contents = ['', 'a', large, ...Array.from({ length: 8 }, (_, i) => `file ${i}`)];
  const paths = contents.map((content, i) => file(`f${i}`, content));
  symlinkSync(paths[1] as string, join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const strange = ['link', 'pipe', 'missing', '.'].map((name) => join(folder, name));
  const aside = new HashesAside([...strange, ...paths]);
  for (const [i, path] of paths.entries()) expect(await aside.of(path)).toBe(sha256(Buffer.from(contents[i] as string)));
  for (const path of strange) expect(await aside.of(path)).toBeNull();
  expect(await aside.of(join(folder, 'never asked for'))).toBeNull();
  await aside.close();
});

it('starts no thread for a few', async () => {
  const path = file('only', 'x');
  const aside = new HashesAside([path]);
  expect(await aside.of(path)).toBeNull();
  await aside.close();
});

it('keeps nobody waiting who asks after its end', async () => {
  const paths = Array.from({ length: 200 }, (_, i) => file(`f${i}`, Buffer.alloc(1024 * 1024)));
  const aside = new HashesAside(paths);
  await aside.close();
  for (const path of paths) expect([null, sha256(Buffer.alloc(1024 * 1024))]).toContain(await aside.of(path));
});
