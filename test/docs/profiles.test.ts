import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ADAPTERS } from '../../src/adapters/registry.generated.ts';
import { type LoadedCatalog, loadCatalog } from '../../src/catalog/load.ts';
import type { Profile } from '../../src/model/artifacts.ts';
import { SENDER_KINDS } from '../../src/senders/registry.generated.ts';

const root = join(import.meta.dirname, '../..');
const namesIn = (folder: string, end: string): string[] =>
  readdirSync(join(root, folder)).flatMap((name) => (name.endsWith(end) && name !== 'README.md' ? [name.slice(0, -end.length)] : []));
const profiles = namesIn('profiles', '.yaml');
const page = (name: string): string => readFileSync(join(root, `docs/profiles/${name}.md`), 'utf8');

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'rgov-profiles-'));
  mkdirSync(join(workspace, 'bindings'));
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

it('there is a page for each profile, and the list names each', () => {
  expect(namesIn('docs/profiles', '.md')).toEqual(profiles);
  for (const name of profiles) expect(page('README')).toContain(`| [${name}](${name}.md) |`);
});

it.each(profiles)('%s: the page says what the document says', (name) => {
  const { spec } = parse(readFileSync(join(root, `profiles/${name}.yaml`), 'utf8')) as Profile;
  const { proveDelivery, ...can } = spec.needs ?? {};
  const needs = [...Object.keys(can).sort(), ...(proveDelivery === undefined ? [] : [`proveDelivery: ${proveDelivery}`])];
  const list = (words: readonly string[] = []): string => (words.length === 0 ? 'nothing' : words.join(', '));
  const row = [spec.posture, spec.requires, list(spec.policy), list(spec.binding?.targets), list(needs), list(spec.binding?.supplies)];
  expect(page(name).split('\n')).toContain(`| ${row.join(' | ')} |`);
  for (const part of ['**It promises**', '**It does not promise**', '**A binding supplies**']) expect(page(name)).toContain(part);
});

it.each(profiles)('%s: the example binding is valid, and puts that profile in force', async (name) => {
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page(name)) ?? [];
  writeFileSync(join(workspace, 'bindings/default.yaml'), example);
  const { problems, warnings, catalog }: LoadedCatalog = await loadCatalog({
    workspace,
    packageRoot: root,
    senderKinds: SENDER_KINDS,
    adapters: Object.keys(ADAPTERS),
  });
  expect(problems).toEqual([]);
  expect(warnings).toEqual([]);
  expect(catalog?.profile).toBe(name);
});
