import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LoadedCatalog, loadCatalog } from '../../src/catalog/load.ts';
import { SENDER_KINDS } from '../../src/senders/registry.generated.ts';
import { here, temporaryFolder } from './support.ts';

const root = join(here, '../..');

/** A deployment on OpenClaw that has nothing but a profile of this package, a webhook for each target, and what else a profile demands. */
function boundTo(profile: string, targets: readonly string[]): Promise<LoadedCatalog> {
  const workspace = temporaryFolder();
  mkdirSync(join(workspace, 'bindings'));
  const tied = targets.map((target) => `${target}: {sender: webhook, address: "https://notices.example/in"}`).join(', ');
  const supplied = 'schedule: {every: 5m}, sources: {drops: {adapter: cloudevents, folder: ./drops}}';
  const spec = `{profile: ${profile}, runtime: openclaw, state: state, ${supplied}, targets: {${tied}}}`;
  const head = 'apiVersion: reporting-governance/v1\nkind: RuntimeBinding\nmetadata: {name: mine}\n';
  writeFileSync(join(workspace, 'bindings/mine.yaml'), `${head}spec: ${spec}\n`);
  return loadCatalog({ workspace, packageRoot: root, senderKinds: SENDER_KINDS, adapters: ['cloudevents'] });
}

describe('the documents of this package', () => {
  it('are valid, and are a workspace of their own', async () => {
    const { catalog, problems } = await loadCatalog({ workspace: root, packageRoot: root, senderKinds: SENDER_KINDS, adapters: [] });
    expect(problems).toEqual([]);
    expect(catalog).toMatchObject({
      binding: 'default',
      profile: 'local-file',
      posture: 'notify',
      state: 'state',
      targets: { operator: { sender: 'inbox' } },
      expectations: [],
      gapAfter_ms: 15 * 60_000,
      heartbeat: null,
    });
    expect(catalog?.rules.map(({ id }) => id)).toEqual([
      'failure-reaches-operator',
      'silence-reaches-operator',
      'gap-reaches-operator',
      'failing-source-reaches-operator',
      'undelivered-report-reaches-operator',
      'blocked-work-reaches-operator',
    ]);
    expect(catalog?.rules.every(({ reason, within_ms }) => reason !== '' && within_ms !== null)).toBe(true);
  });

  it.each(readdirSync(join(root, 'profiles')).map((name) => name.replace('.yaml', '')))('serve the profile %s', async (profile) => {
    const { catalog, problems } = await boundTo(profile, ['operator', 'oncall', 'manager', 'second']);
    expect(problems).toEqual([]);
    expect(catalog?.profile).toBe(profile);
    expect(catalog?.rules.every(({ reason }) => reason !== '')).toBe(true);
  });

  it('tell the manager of what oncall was not proved to have got', async () => {
    const { catalog } = await boundTo('on-call', ['operator', 'oncall', 'manager']);
    expect(catalog?.rules.at(-1)).toMatchObject({
      pack: 'delivery-truth',
      id: 'unproved-notice-reaches-oncall',
      target: 'oncall',
      within_ms: 15 * 60_000,
      requires: 'accepted',
      dedupe: { key: 'event.data.notice', window_ms: 24 * 3_600_000 },
      escalate: [{ after_ms: 30 * 60_000, target: 'manager' }],
    });
    const { problems } = await boundTo('on-call', ['operator', 'oncall']);
    expect(problems).toMatchObject([{ code: 'target_unbound', file: 'bindings/mine.yaml' }]);
  });

  it('hold an example that can be copied', async () => {
    const workspace = temporaryFolder();
    cpSync(join(root, 'bindings/default.yaml'), join(workspace, 'bindings/default.yaml'));
    cpSync(join(root, 'examples/capabilities/my-runtime.yaml'), join(workspace, 'bindings/runtimes/my-runtime.yaml'));
    const { problems } = await loadCatalog({ workspace, packageRoot: root, senderKinds: SENDER_KINDS, adapters: [] });
    expect(problems).toEqual([]);
  });

  it('name their schema in the first line', () => {
    const files = ['policy', 'profiles', 'bindings', 'bindings/senders', 'bindings/runtimes', 'examples/capabilities'].flatMap((folder) =>
      readdirSync(join(root, folder))
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => [folder, name] as const),
    );
    for (const [folder, name] of files) {
      const line = readFileSync(join(root, folder, name), 'utf8').split('\n')[0] ?? '';
      const schema = /^# yaml-language-server: \$schema=(\S+)$/.exec(line)?.[1];
      expect(schema, `${folder}/${name}`).toBeDefined();
      expect(() => readFileSync(join(root, folder, schema ?? ''))).not.toThrow();
    }
  });
});
