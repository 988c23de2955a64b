import { isAbsolute, posix } from 'node:path';
import type { ActivationSettings } from '../../../model/artifacts.ts';
import { RgovError } from '../../../model/errors.ts';
import type { SecretRef } from '../../../model/secret.ts';
import { cronExpression } from '../cron-expression.ts';
import { secretsOf } from '../secrets.ts';
import type { Site } from '../site.ts';
import type { DeclaredFile } from './documents.ts';

type Settings = NonNullable<ActivationSettings['kubernetes']>;
type Manifest = Record<string, unknown>;

/** Where the workspace lies in the container. */
const WORKSPACE = '/workspace';
/** Nobody in particular; the volume is handed over to this group. */
const USER = 10001;
const PASS_LIMIT_S = 3600;
const STOP_EXTRA_S = 30;

/** ConfigMap, volume claim, and a CronJob or a Deployment. Throws `usage` for what cannot be done. */
export function manifests(site: Site, settings: Settings, files: readonly DeclaredFile[], watch: boolean): Manifest[] {
  const name = `rgov-${site.catalog.binding}`;
  const labels = { 'app.kubernetes.io/name': 'reporting-governance', 'app.kubernetes.io/instance': name };
  const metadata = (suffix = ''): Manifest => ({
    name: name + suffix,
    ...(settings.namespace === undefined ? {} : { namespace: settings.namespace }),
    labels,
  });
  const pod = podOf(site, settings, files, watch);
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('-documents'), data: Object.fromEntries(files.map(({ key, text }) => [key, text])) },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: metadata('-state'),
      spec: {
        accessModes: ['ReadWriteOnce'],
        ...(settings.storageClass === undefined ? {} : { storageClassName: settings.storageClass }),
        resources: { requests: { storage: settings.storage ?? '1Gi' } },
      },
    },
    watch
      ? {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: metadata(),
          spec: {
            replicas: 1,
            // The volume is for one node at a time.
            strategy: { type: 'Recreate' },
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { ...pod, restartPolicy: 'Always' } },
          },
        }
      : { apiVersion: 'batch/v1', kind: 'CronJob', metadata: metadata(), spec: cronJob(site, labels, pod) },
  ];
}

function cronJob({ catalog: { schedule } }: Site, labels: Manifest, pod: Manifest): Manifest {
  if (schedule === null) throw new Error('a CronJob without a schedule');
  const { fields } = cronExpression(schedule, { name: 'Kubernetes', zone: null, least_ms: 60_000 }, Date.now());
  return {
    schedule: fields,
    timeZone: schedule.kind === 'cron' ? schedule.timezone.replace(/^UTC$/, 'Etc/UTC') : 'Etc/UTC',
    // A pass that is still at work does all that another one would.
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: 300,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 3,
    jobTemplate: {
      spec: {
        // The next pass goes on from what is on disk.
        backoffLimit: 0,
        activeDeadlineSeconds: PASS_LIMIT_S,
        template: { metadata: { labels }, spec: { ...pod, restartPolicy: 'Never' } },
      },
    },
  };
}

function podOf({ catalog }: Site, settings: Settings, files: readonly DeclaredFile[], watch: boolean): Manifest {
  const name = `rgov-${catalog.binding}`;
  const { env, mounts, needed } = secrets(secretsOf(catalog), settings.secret, catalog.binding);
  const longest_ms = Math.max(0, ...Object.values(catalog.senders).map(({ timeLimit_ms }) => timeLimit_ms));
  return {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: Math.ceil(longest_ms / 1000) + STOP_EXTRA_S,
    securityContext: { runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, fsGroup: USER, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'rgov',
        image: settings.image,
        command: ['rgov', '-C', WORKSPACE, '--binding', catalog.binding, watch ? 'watch' : 'reconcile'],
        env: [{ name: 'HOME', value: '/tmp' }, ...env],
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
        volumeMounts: [
          { name: 'workspace', mountPath: WORKSPACE },
          { name: 'tmp', mountPath: '/tmp' },
          { name: 'state', mountPath: inContainer(catalog.state) },
          // File by file: as a folder, a ConfigMap consists of links.
          ...files.map(({ path, key }) => ({ name: 'documents', mountPath: posix.join(WORKSPACE, path), subPath: key, readOnly: true })),
          ...mounts,
        ],
      },
    ],
    volumes: [
      { name: 'workspace', emptyDir: {} },
      { name: 'tmp', emptyDir: {} },
      { name: 'state', persistentVolumeClaim: { claimName: `${name}-state` } },
      { name: 'documents', configMap: { name: `${name}-documents` } },
      ...(needed ? [{ name: 'secrets', secret: { secretName: settings.secret, defaultMode: 0o440 } }] : []),
    ],
  };
}

/** By name only: what a secret says comes from a Secret that is there already. */
function secrets(
  references: readonly SecretRef[],
  secret: string | undefined,
  binding: string,
): { env: Manifest[]; mounts: Manifest[]; needed: boolean } {
  const names = [...new Set(references.flatMap((reference) => ('env' in reference ? [reference.env] : [])))].sort();
  const paths = [...new Set(references.flatMap((reference) => ('file' in reference ? [reference.file] : [])))].sort();
  if (secret === undefined && names.length + paths.length > 0)
    throw new RgovError(
      'usage',
      `the binding ${binding} needs secrets (${[...names, ...paths].join(', ')}), and does not say which Secret of the cluster holds them`,
      {
        hint: `add to bindings/${binding}.yaml, below spec.activation.kubernetes:   secret: rgov-secrets`,
      },
    );
  return {
    env: names.map((name) => ({ name, valueFrom: { secretKeyRef: { name: secret, key: name } } })),
    mounts: paths.map((path) => ({ name: 'secrets', mountPath: inContainer(path), subPath: posix.basename(path), readOnly: true })),
    needed: paths.length > 0,
  };
}

const inContainer = (path: string): string => (isAbsolute(path) ? path : posix.join(WORKSPACE, path));
