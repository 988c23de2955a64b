import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Git } from './git.ts';
import { GitTrouble } from './trouble.ts';

/** The repository that a state folder lies in. */
export interface Repository {
  /** Works in the state folder: paths that it is given or prints start there, unless said otherwise. */
  git: Git;
  /** Of this work tree: `.git`, or a folder below it. */
  gitDir: string;
  /** Where the state folder lies in the work tree, `ops/state/`; empty at its root. */
  prefix: string;
  /** The last commit; null before the first one. */
  head: string | null;
}

/** Throws `GitTrouble` where there is none. `folder` is absolute and there. */
export async function openRepository(folder: string, env: NodeJS.ProcessEnv): Promise<Repository> {
  const git = new Git(folder, env);
  const answer = (await git.run(['rev-parse', '--is-inside-work-tree', '--absolute-git-dir', '--show-prefix', '--revs-only', 'HEAD'])).toString(
    'utf8',
  );
  const [inside, gitDir = '', prefix = '', head = '', ...more] = answer.split('\n');
  if (inside !== 'true')
    throw new GitTrouble('no_work_tree', 'the repository has no work tree at the state folder: it is a bare one, or this is inside of .git');
  // Line breaks in the names of folders; then none of the lines is what it seems.
  if (more.length > (head === '' ? 0 : 1) || !existsSync(gitDir)) throw new GitTrouble('failed', 'git answers in a form that is not understood');
  return { git, gitDir, prefix, head: head === '' ? null : head };
}

/** What somebody is in the middle of, by the files that git keeps of it (git's path.c, wt-status.c). */
const IN_PROGRESS: Record<string, string> = {
  MERGE_HEAD: 'a merge',
  CHERRY_PICK_HEAD: 'a cherry-pick',
  REVERT_HEAD: 'a revert',
  'rebase-merge': 'a rebase',
  'rebase-apply': 'a rebase, or patches that are being applied,',
  sequencer: 'a series of cherry-picks or reverts',
  BISECT_LOG: 'a bisection',
};

/** Throws `busy` where a commit of ours would end up in the middle of somebody's work. */
export function refuseIfBusy({ gitDir }: Repository): void {
  const found = Object.keys(IN_PROGRESS).find((name) => existsSync(join(gitDir, name)));
  if (found !== undefined) throw new GitTrouble('busy', `${IN_PROGRESS[found]} is in progress; a pass after it commits`, 'git status');
}
