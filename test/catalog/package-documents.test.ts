import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.ts';
import { SENDER_KINDS } from '../../src/senders/registry.generated.ts';
import { here, temporaryFolder } from './support.ts';

const root = join(here, '../..');

describe('the documents of this package', () => {
  it('are valid, and are a workspace of their own', async () => {
    const { catalog, problems } = await loadCatalog({ workspace: root, packageRoot: root, senderKinds: SENDER_KINDS });
    expect(problems).toEqual([]);
    expect(catalog).toMatchObject({
      binding: 'default',
      profile: 'local-file',
      posture: 'notify',
      state: 'state',
      targets: { operator: { sender: 'inbox' } },
    });
    expect(catalog?.rules.map(({ id }) => id)).toEqual([
      'failure-reaches-operator',
      'undelivered-report-reaches-operator',
      'blocked-work-reaches-operator',
    ]);
    expect(catalog?.rules.every(({ reason, within_ms }) => reason !== '' && within_ms !== null)).toBe(true);
  });

  it('serve every profile', async () => {
    for (const profile of ['local-file', 'observe-only', 'webhook']) {
      const workspace = temporaryFolder();
      cpSync(join(root, 'bindings/default.yaml'), join(workspace, 'bindings/default.yaml'));
      const { problems } = await loadCatalog({ workspace, packageRoot: root, senderKinds: SENDER_KINDS });
      expect(problems, profile).toEqual([]);
    }
  });

  it('hold an example that can be copied', async () => {
    const workspace = temporaryFolder();
    cpSync(join(root, 'bindings/default.yaml'), join(workspace, 'bindings/default.yaml'));
    cpSync(join(root, 'examples/capabilities/my-runtime.yaml'), join(workspace, 'bindings/runtimes/my-runtime.yaml'));
    const { problems } = await loadCatalog({ workspace, packageRoot: root, senderKinds: SENDER_KINDS });
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
