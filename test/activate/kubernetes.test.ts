import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { CronJob } from 'kubernetes-models/batch/v1/CronJob';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Catalog } from '../../src/model/catalog.ts';
import { activateKind } from '../../src/run/activate/index.ts';
import { kubernetes } from '../../src/run/activate/kubernetes/index.ts';
import { resolvedSender } from '../support/world.ts';
import { Grounds } from './site.ts';

let grounds: Grounds;
beforeEach(() => {
  grounds = new Grounds();
  mkdirSync(grounds.path('ws/bindings/deep'), { recursive: true });
  writeFileSync(grounds.path('ws/bindings/default.yaml'), 'a: 1\n');
  writeFileSync(grounds.path('ws/bindings/deep/ün.yaml'), '# ---\nb: |\n  c\n');
});
afterEach(() => grounds.remove());

const MODELS = { ConfigMap, PersistentVolumeClaim, CronJob, Deployment };
const SETTINGS = { image: 'registry.example.com/rgov@sha256:00', namespace: 'ops', secret: 'rgov-secrets', storageClass: 'fast' };
const senders = { hook: resolvedSender({ config: { url: { env: 'HOOK_URL' }, secret: { file: 'secrets/key' } } }) };

// biome-ignore lint/suspicious/noExplicitAny: documents of every kind, which are looked into
async function manifestsOf(parts: Partial<Catalog> = {}, watch = false): Promise<Record<string, any>> {
  const site = grounds.site({ senders, activation: { kubernetes: SETTINGS }, ...parts }, { watch, env: { HOOK_URL: 'hunter2' } });
  const report = await activateKind(kubernetes, site, { mode: 'write' });
  expect(report.pieces[0]?.where).toBe(grounds.path('ws/deploy/kubernetes/rgov-default.yaml'));
  const text = readFileSync(grounds.path('ws/deploy/kubernetes/rgov-default.yaml'), 'utf8');
  expect(text).not.toContain('hunter2');
  expect(text).not.toContain(grounds.root);
  return Object.fromEntries(parseAllDocuments(text).map((document) => [document.toJS().kind, document.toJS()]));
}

describe('the manifests', () => {
  it.each([false, true])('are what the schemas of Kubernetes want (watch: %s)', async (watch) => {
    const found = await manifestsOf({}, watch);
    expect(Object.keys(found)).toEqual(['ConfigMap', 'PersistentVolumeClaim', watch ? 'Deployment' : 'CronJob']);
    for (const [kind, manifest] of Object.entries(found)) new MODELS[kind as keyof typeof MODELS](manifest as never).validate();
    // What they would say otherwise.
    const broken = structuredClone(found['PersistentVolumeClaim']);
    broken.spec.accessModes = 'ReadWriteOnce';
    expect(() => new PersistentVolumeClaim(broken).validate()).toThrow(/accessModes/);
  });

  it('run restricted, one at a time, with secrets by name only', async () => {
    const { CronJob: job } = await manifestsOf({ schedule: { kind: 'cron', cron: '0 3 * * mon', timezone: 'Europe/Berlin' } });
    expect(job.spec).toMatchObject({ schedule: '0 3 * * 1', timeZone: 'Europe/Berlin', concurrencyPolicy: 'Forbid' });
    const pod = job.spec.jobTemplate.spec.template.spec;
    // Pod Security Standards, "restricted".
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    const [container] = pod.containers;
    expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    expect(container.env).toContainEqual({ name: 'HOOK_URL', valueFrom: { secretKeyRef: { name: 'rgov-secrets', key: 'HOOK_URL' } } });
    expect(container.volumeMounts).toContainEqual({ name: 'secrets', mountPath: '/workspace/secrets/key', subPath: 'key', readOnly: true });
    // Every volume that is mounted is there, and every key.
    expect(new Set(container.volumeMounts.map(({ name }: { name: string }) => name))).toEqual(
      new Set(pod.volumes.map(({ name }: { name: string }) => name)),
    );
  });

  it('hold the documents as they are, each where the workspace has it', async () => {
    const { ConfigMap: map, CronJob: job } = await manifestsOf();
    const mounts = job.spec.jobTemplate.spec.template.spec.containers[0].volumeMounts.filter(({ name }: { name: string }) => name === 'documents');
    expect(Object.fromEntries(mounts.map(({ mountPath, subPath }: Record<string, string>) => [mountPath, map.data[subPath as string]]))).toEqual({
      '/workspace/bindings/default.yaml': 'a: 1\n',
      '/workspace/bindings/deep/ün.yaml': '# ---\nb: |\n  c\n',
    });
    for (const key of Object.keys(map.data)) expect(key).toMatch(/^[-._a-zA-Z0-9]{1,253}$/);
  });

  it('follow the documents: an edit of one is drift', async () => {
    await manifestsOf();
    const site = grounds.site({ senders, activation: { kubernetes: SETTINGS } });
    expect(await activateKind(kubernetes, site, { mode: 'check' })).toMatchObject({ ok: true });
    writeFileSync(grounds.path('ws/bindings/default.yaml'), 'a: 2\n');
    expect(await activateKind(kubernetes, site, { mode: 'check' })).toMatchObject({ ok: false, pieces: [{ found: 'changed', byHand: false }] });
  });

  it.each<[string, Partial<Catalog>, RegExp]>([
    ['an image', { activation: {} }, /which image/],
    ['a Secret', { activation: { kubernetes: { image: 'a' } } }, /HOOK_URL, secrets\/key/],
    ['a schedule', { schedule: null }, /how often/],
  ])('want %s', async (_, parts, message) => {
    await expect(manifestsOf(parts)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('bindings/default.yaml'),
    });
  });

  it('too many documents for one ConfigMap are refused', async () => {
    writeFileSync(grounds.path('ws/bindings/big.yaml'), `# ${'x'.repeat(1_000_000)}\n`);
    await expect(manifestsOf()).rejects.toMatchObject({ message: expect.stringContaining('1 MiB') });
  });
});
