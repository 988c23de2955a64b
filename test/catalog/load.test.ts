import { cpSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brief, load, temporaryFolder, workspaceWith } from './support.ts';

const pack = (name: string, target = 'operator'): string =>
  `apiVersion: reporting-governance/v1\nkind: PolicyPack\nmetadata: {name: ${name}}\nspec:\n  notify:\n    - {id: own, when: event.type == "run.lost", target: ${target}}\n`;
const binding = (name: string): string =>
  `apiVersion: reporting-governance/v1\nkind: RuntimeBinding\nmetadata: {name: ${name}}\nspec:\n  profile: shipped\n  state: ${name}-state\n  targets: {operator: {sender: file, address: ./inbox}}\n`;

describe('a good workspace', () => {
  it('resolves to one catalog', async () => {
    const { catalog, problems, inputs } = await load(workspaceWith());
    expect(problems).toEqual([]);
    expect({ ...catalog, digest: catalog?.digest.length }).toMatchSnapshot();
    expect(inputs.documents).toHaveLength(7);
  });

  it('has the same digest wherever it lies, and another one when a document in force changes', async () => {
    const digest = async (files: Record<string, string> = {}): Promise<string | undefined> => (await load(workspaceWith(files))).catalog?.digest;
    const original = await digest();
    expect(await digest()).toBe(original);
    expect(await digest({ 'policy/unused.yaml': pack('unused') })).toBe(original);
    expect(await digest({ 'policy/other.yml': pack('shipped') })).not.toBe(original);
  });

  it('has another digest for another binding of the same file', async () => {
    const roots = workspaceWith({ 'bindings/two.yaml': `${binding('one')}---\n${binding('two')}` });
    expect((await load(roots, 'one')).catalog?.digest).not.toBe((await load(roots, 'two')).catalog?.digest);
  });

  it('may be the package itself', async () => {
    const { workspace, packageRoot } = workspaceWith();
    cpSync(packageRoot, workspace, { recursive: true });
    renameSync(join(workspace, 'bindings/default.yaml'), join(workspace, 'bindings/default.txt'));
    const { catalog, problems, inputs } = await load({ workspace, packageRoot: workspace });
    expect(problems).toEqual([]);
    expect(catalog?.rules.map(({ id }) => id)).toEqual(['failure', 'urgent', 'blocked']);
    expect(inputs.documents).toHaveLength(6);
  });

  it('may be named through a symbolic link, and have its documents mounted as links', async () => {
    const { workspace, packageRoot } = workspaceWith();
    const mounted = join(workspace, 'policy');
    mkdirSync(join(mounted, '..data'));
    renameSync(join(mounted, 'base.yaml'), join(mounted, '..data/base.yaml'));
    symlinkSync('..data/base.yaml', join(mounted, 'base.yaml'));
    symlinkSync('base.yaml', join(mounted, 'the-same.yaml'));
    const link = join(temporaryFolder(), 'link');
    symlinkSync(workspace, link);
    expect(brief(await load({ workspace: link, packageRoot }))).toEqual([]);
    expect(brief(await load({ workspace: link, packageRoot: workspace })).length).toBeGreaterThan(0);
  });
});

describe('names', () => {
  it('of the workspace shadow those of the package', async () => {
    const { catalog } = await load(workspaceWith({ 'policy/mine.yaml': pack('shipped') }));
    expect(catalog?.rules.map((rule) => `${rule.pack}/${rule.id}`)).toEqual(['base/failure', 'base/urgent', 'shipped/own']);
  });

  it('of broken documents still shadow, and nobody is told that they are missing', async () => {
    const broken = pack('shipped').replace('when:', 'wen:');
    expect(brief(await load(workspaceWith({ 'policy/mine.yaml': broken })))).toEqual(['policy/mine.yaml 6:17 unknown_key -> when']);
  });

  it('of runtime bindings are not looked up in the package', async () => {
    const roots = workspaceWith();
    expect(brief(await load(roots, 'of-the-package'))).toEqual(['bindings 0:0 binding_not_found']);
  });
});

describe('the runtime binding', () => {
  it('is the one that is named, the only one, or the default', async () => {
    const two = workspaceWith({ 'bindings/second.yaml': binding('second') });
    expect((await load(two, 'second')).catalog).toMatchObject({ binding: 'second', state: 'second-state', posture: 'notify' });
    expect((await load(two, 'main')).catalog?.binding).toBe('main');
    const withDefault = workspaceWith({ 'bindings/default.yaml': binding('default') });
    expect((await load(withDefault)).catalog?.binding).toBe('default');
  });

  it('has to be chosen where there are several', async () => {
    const loaded = await load(workspaceWith({ 'bindings/second.yaml': binding('second') }));
    expect(loaded.catalog).toBeNull();
    expect(loaded.problems).toMatchObject([{ code: 'binding_not_chosen', expected: 'one of main, second' }]);
    expect((await load(workspaceWith(), 'mian')).problems).toMatchObject([{ code: 'binding_not_found', suggestion: 'main' }]);
  });

  it('may name a SenderBinding as the sender of a target', async () => {
    const { catalog } = await load(workspaceWith({ 'bindings/second.yaml': binding('second') }), 'second');
    expect(catalog?.targets).toEqual({ operator: { sender: 'file', address: './inbox' } });
    expect(catalog?.senders).toEqual({
      file: {
        name: 'file',
        kind: 'file',
        ceiling: 'none',
        idempotent: true,
        timeLimit_ms: 7_000,
        concurrency: 9,
        retry: { attempts: 5, initial_ms: 10_000, factor: 2, max_ms: 900_000 },
        rate: null,
        breaker: { failures: 10, pause_ms: 60_000 },
        bridge: 'inline',
        config: {},
      },
    });
  });
});

describe('a SenderBinding', () => {
  const strict =
    'apiVersion: reporting-governance/v1\nkind: SenderBinding\nmetadata: {name: strict}\nspec: {kind: strict, ceiling: none, idempotent: false, with: {}}\n';
  const using = (level: string): string =>
    `${binding('second').replace('{sender: file, address: ./inbox}', '{sender: own}')}  senders: {own: {use: strict${level}}}\n`;

  it('may leave to the runtime binding what its kind demands', async () => {
    const complete = workspaceWith({ 'bindings/strict.yaml': strict, 'bindings/second.yaml': using(', with: {level: 3}') });
    expect((await load(complete, 'second')).catalog?.senders['own']).toMatchObject({ kind: 'strict', config: { level: 3 } });
    const incomplete = workspaceWith({ 'bindings/strict.yaml': strict, 'bindings/second.yaml': using('') });
    expect(brief(await load(incomplete, 'second'))).toEqual(['bindings/second.yaml 8:13 missing_key']);
  });
});

describe('documents that are not in force', () => {
  it('are checked all the same', async () => {
    const bad = pack('unused').replace('run.lost', 'run.lots');
    expect(brief(await load(workspaceWith({ 'policy/deep/er/unused.yml': bad })))).toEqual([
      'policy/deep/er/unused.yml 6:37 unknown_word -> run.lost',
    ]);
  });

  it('may name types of events that they declare', async () => {
    const own = pack('unused').replace('run.lost', 'deploy.done').replace('spec:\n', 'spec:\n  eventTypes: [deploy.done]\n');
    expect(brief(await load(workspaceWith({ 'policy/unused.yaml': own })))).toEqual([]);
  });

  it('are told apart from those of the package', async () => {
    const { workspace, packageRoot } = workspaceWith();
    writeFileSync(join(packageRoot, 'policy/shipped.yaml'), pack('shipped').replace('run.lost', 'run.lots'));
    expect(brief(await load({ workspace, packageRoot }))).toEqual(['package:policy/shipped.yaml 6:37 unknown_word -> run.lost']);
  });
});
