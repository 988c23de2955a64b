import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { RgovError } from '../../../model/errors.ts';
import { attempt } from '../attempt.ts';
import { filePiece } from '../file-piece.ts';
import type { Activation, ActivationKind } from '../kind.ts';
import { shellWord } from '../quote.ts';
import { bridgeWarnings, scheduleWords } from '../schedule-words.ts';
import { secretsOf } from '../secrets.ts';
import type { Site } from '../site.ts';
import { workflow } from './workflow.ts';

/** A workflow file in the git repository of the workspace. */
export const githubActions: ActivationKind = {
  name: 'github-actions',
  summary: 'a workflow that commits and pushes what each pass recorded',
  scopes: [],
  canWatch: false,
  describe,
};

function describe(site: Site): Activation {
  const { catalog, root } = site;
  const { binding } = catalog;
  const repository = repositoryOf(root);
  const folder = relative(repository ?? root, root);
  // Other workspaces of the same repository have files of their own.
  const name = `rgov-${[folder, binding]
    .filter((part) => part !== '')
    .join('-')
    .replace(/[^A-Za-z0-9_-]+/g, '-')}`;
  const { value, refusal } = attempt({ text: '', warnings: [] as string[] }, () => {
    if (repository === null) throw new RgovError('usage', `${root} does not lie in a git repository`, { hint: 'git init   (and push it to GitHub)' });
    if (relative(repository, site.state).startsWith('..'))
      throw new RgovError('usage', 'state lies outside of the repository, where no runner would find it again', {
        hint: 'let spec.state name a folder of the workspace',
      });
    return workflow(site, name, folder);
  });
  const path = join(repository ?? root, '.github', 'workflows', `${name}.yml`);
  return {
    summary: `${scheduleWords(catalog.schedule)}, by GitHub Actions`,
    pieces: [
      filePiece({
        // The same in every clone of the repository.
        owner: { binding, workspace: folder === '' ? '.' : folder },
        path,
        mode: 0o644,
        text: value.text,
        comment: '#',
        why: 'makes one pass on a runner, commits what it recorded under state/, and pushes it',
      }),
    ],
    leftovers: [],
    next: {
      written: [
        {
          command: `git add ${shellWord(path)} && git commit -m 'Let rgov run by itself' && git push`,
          why: 'schedules run from the default branch only',
        },
      ],
      removed: [
        {
          command: `git add ${shellWord(path)} && git commit -m 'rgov does not run by itself any more' && git push`,
          why: 'until then the schedule goes on',
        },
      ],
    },
    warnings: [...value.warnings, ...warningsOf(site)],
    refusal,
  };
}

function warningsOf({ catalog }: Site): string[] {
  const unsafe = Object.values(catalog.senders).filter(({ idempotent, kind }) => !idempotent && kind !== 'external');
  const files = secretsOf(catalog).flatMap((reference) => ('file' in reference ? [reference.file] : []));
  return [
    ...(unsafe.length > 0
      ? [
          `a runner that dies between sending and pushing forgets that it has sent, and the next one sends again; the receivers of ${unsafe.map(({ name }) => name).join(', ')} do not ignore that`,
        ]
      : []),
    ...files.map((file) => `the secret {file: ${file}} is not there on a runner: use {env: NAME}, which becomes \${{ secrets.NAME }}`),
    'each run begins with a clone, which does not know when the last pass was: watchdog.gap is not found there, and GitHub delays and drops schedules when it is busy',
    ...bridgeWarnings(catalog),
  ];
}

/** The folder that holds `.git`; null if there is none above. */
function repositoryOf(root: string): string | null {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (dirname(folder) === folder) return null;
  }
}
