import { join } from 'node:path';
import { stringify } from 'yaml';
import { RgovError } from '../../../model/errors.ts';
import { attempt } from '../attempt.ts';
import { filePiece } from '../file-piece.ts';
import type { Activation, ActivationKind } from '../kind.ts';
import { programsOf } from '../programs.ts';
import { shellWord } from '../quote.ts';
import { bridgeWarnings, noSchedule, scheduleWords } from '../schedule-words.ts';
import type { Site } from '../site.ts';
import { type DeclaredFile, declaredFiles } from './documents.ts';
import { manifests } from './manifests.ts';

/** Manifests in the workspace, for whatever applies them. */
export const kubernetes: ActivationKind = {
  name: 'kubernetes',
  summary: 'manifests in the workspace: a CronJob; with --watch a Deployment',
  scopes: [],
  canWatch: true,
  describe,
};

function describe(site: Site): Activation {
  const { catalog, root } = site;
  const { binding, schedule, activation } = catalog;
  const watch = site.options.watch || activation.kubernetes?.watch === true;
  const { value: files, refusal: unreadable } = attempt<DeclaredFile[]>([], () => declaredFiles(root));
  const { value: text, refusal } = attempt('', () => {
    const settings = activation.kubernetes;
    if (settings === undefined) throw noImage(binding);
    if (schedule === null && !watch) throw noSchedule(binding);
    return manifests(site, settings, files, watch)
      .map((manifest) => stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false }))
      .join('---\n');
  });
  const file = join('deploy', 'kubernetes', `rgov-${binding}.yaml`);
  // The same in every clone of the workspace, wherever it lies.
  const owner = { binding, workspace: '.' };
  const namespace = activation.kubernetes?.namespace;
  const kubectl = `kubectl${namespace === undefined ? '' : ` -n ${namespace}`}`;
  return {
    summary: `${watch ? 'rgov watch' : scheduleWords(schedule)}, by Kubernetes`,
    pieces: [
      filePiece({
        owner,
        path: join(root, file),
        mode: 0o644,
        text,
        comment: '#',
        why: 'the documents, a volume for state, and what makes passes; it belongs into git beside the binding',
      }),
    ],
    leftovers: [],
    next: {
      written: [
        { command: `kubectl apply -f ${shellWord(join(root, file))}`, why: 'again after every change of the documents, which are part of it' },
      ],
      removed: [
        {
          command: `${kubectl} delete cronjob,deployment,configmap -l app.kubernetes.io/instance=rgov-${binding}`,
          why: 'the volume stays: it holds the audit trail',
        },
      ],
    },
    warnings: warningsOf(site),
    refusal: refusal ?? unreadable,
  };
}

const noImage = (binding: string): RgovError =>
  new RgovError('usage', `the binding ${binding} does not say which image Kubernetes is to run`, {
    expected: 'spec.activation.kubernetes.image, an image in which rgov is on the PATH',
    hint: `add to bindings/${binding}.yaml, below spec:   activation: { kubernetes: { image: registry.example.com/rgov:1 } }`,
  });

function warningsOf({ catalog }: Site): string[] {
  const files = Object.values(catalog.senders).filter(({ kind }) => kind === 'file');
  const folders = catalog.sources.filter(({ from }) => from.kind === 'folder');
  const programs = programsOf(catalog);
  return [
    ...files.map(({ name }) => `sender ${name} writes into a folder that goes away with its pod: choose another one`),
    ...folders.map(({ name }) => `source ${name} reads a folder that nobody else sees in its pod`),
    ...(programs.length > 0 ? [`the image must hold ${programs.join(', ')}; no token of the cluster is mounted for them`] : []),
    ...bridgeWarnings(catalog),
  ];
}
