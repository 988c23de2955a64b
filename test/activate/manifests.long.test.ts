import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { activateKind } from '../../src/run/activate/index.ts';
import { kubernetes } from '../../src/run/activate/kubernetes/index.ts';
import { resolvedSender } from '../support/world.ts';
import { Grounds } from './site.ts';

// The validators of the schemas let unknown keys pass, as the API server does not; the compiler does not let them pass in a literal.

const REPOSITORY = join(import.meta.dirname, '../..');
const INTERFACES: Record<string, string> = {
  ConfigMap: 'v1',
  PersistentVolumeClaim: 'v1',
  CronJob: 'batch/v1',
  Deployment: 'apps/v1',
};

let grounds: Grounds;
let folder: string;
beforeEach(() => {
  grounds = new Grounds();
  // Below the repository, so that the compiler finds the types.
  folder = join(REPOSITORY, 'node_modules', '.cache', `rgov-manifests-${process.pid}`);
  mkdirSync(folder, { recursive: true });
});
afterEach(() => {
  grounds.remove();
  rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: documents of every kind
function compile(manifests: Record<string, any>[]): { status: number | null; stdout: string } {
  const code = manifests.map(
    (manifest, i) =>
      `import type { I${manifest['kind']} as K${i} } from 'kubernetes-models/${INTERFACES[manifest['kind']]}';\nexport const m${i}: K${i} = ${JSON.stringify(manifest)};\n`,
  );
  const file = join(folder, 'manifests.ts');
  writeFileSync(file, code.join(''));
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--moduleResolution',
    'nodenext',
    '--target',
    'es2023',
  ];
  const { status, stdout } = spawnSync(join(REPOSITORY, 'node_modules/.bin/tsc'), [...options, file], { encoding: 'utf8' });
  return { status, stdout };
}

it.each([false, true])('manifests have no key that Kubernetes does not know (watch: %s)', async (watch) => {
  const senders = { hook: resolvedSender({ config: { url: { env: 'HOOK_URL' }, secret: { file: 'secrets/key' } } }) };
  const settings = { image: 'registry.example.com/rgov:1', namespace: 'ops', secret: 'rgov-secrets', storageClass: 'fast' };
  const report = await activateKind(kubernetes, grounds.site({ senders, activation: { kubernetes: settings } }, { watch }), { mode: 'print' });
  const manifests = parseAllDocuments(report.pieces[0]?.text as string).map((document) => document.toJS());
  expect(compile(manifests)).toEqual({ status: 0, stdout: '' });
  const planted = structuredClone(manifests);
  const pod = watch ? planted[2].spec.template.spec : planted[2].spec.jobTemplate.spec.template.spec;
  pod.containers[0].securityContext.readOnlyRootFilesytem = true;
  expect(compile(planted).stdout).toContain('readOnlyRootFilesytem');
});
