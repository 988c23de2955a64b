import { parseStaged } from './new-blobs.ts';
import type { Change } from './new-tree.ts';
import type { Repository } from './repository.ts';
import type { TreeEntry } from './trees.ts';
import { GitTrouble } from './trouble.ts';

/** How long somebody else's short look at the index is waited for: `git status` takes it for as long as it writes. */
const PATIENCE_MS = 1_000;
const AGAIN_MS = 100;
/** Folders that one command is asked about. */
const FOLDERS_AT_ONCE = 500;

/**
 * Puts what a commit changes into the index, too: without that `git status` would call it deleted, and the next commit of a
 * human would delete it. What they have staged under one of these names stays as it is. Returns what was changed.
 */
export async function stage(repository: Repository, changes: readonly Change[]): Promise<Change[]> {
  const staged = await stagedAt(repository, changes);
  const clean = changes.filter(({ path, before, after }) => {
    const now = staged.get(path);
    if (now === undefined) return before === null;
    return now !== 'in conflict' && before !== null && isSame(now, before) && !isSame(now, after);
  });
  if (clean.length > 0) await writeIndex(repository, clean, (change) => change.after);
  return clean;
}

/** Takes back what {@link stage} has done. */
export async function unstage(repository: Repository, changes: readonly Change[]): Promise<void> {
  if (changes.length > 0) await writeIndex(repository, changes, (change) => change.before);
}

const isSame = (a: TreeEntry, b: TreeEntry): boolean => a.oid === b.oid && a.mode === b.mode;

/** What the index says of the folders of these files, by paths below the root. */
async function stagedAt({ git, prefix }: Repository, changes: readonly Change[]): Promise<Map<string, TreeEntry | 'in conflict'>> {
  const folders = [...new Set(changes.map(({ path }) => path.slice(prefix.length, path.lastIndexOf('/'))))];
  const staged = new Map<string, TreeEntry | 'in conflict'>();
  for (let i = 0; i < folders.length; i += FOLDERS_AT_ONCE) {
    const listed = await git.run(['ls-files', '--stage', '-z', '--full-name', '--', ...folders.slice(i, i + FOLDERS_AT_ONCE)]);
    for (const { path, stage: number, entry } of parseStaged(listed)) staged.set(path, number === '0' ? entry : 'in conflict');
  }
  return staged;
}

async function writeIndex({ git }: Repository, changes: readonly Change[], entryOf: (change: Change) => TreeEntry | null): Promise<void> {
  const input = changes.map((change) => {
    const entry = entryOf(change);
    // Mode 0 removes (git-update-index(1), --index-info); the paths start at the root.
    return `${entry?.mode ?? '0'} ${entry?.oid ?? '0'.repeat(change.after.oid.length)} 0\t${change.path}\0`;
  });
  for (let waited_ms = 0; ; waited_ms += AGAIN_MS) {
    try {
      await git.run(['update-index', '-z', '--index-info'], { input: input.join('') });
      return;
    } catch (error) {
      if (!(error instanceof GitTrouble) || error.reason !== 'index_locked' || waited_ms >= PATIENCE_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}
