import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../model/errors.ts';
import { oneLine, truncate } from '../model/text.ts';
import type { Layout } from '../store/layout.ts';
import { commitMessage } from './commit-message.ts';
import { readConfig } from './git/config.ts';
import { FolderMemory } from './git/folder-memory.ts';
import { writeBlobs } from './git/new-blobs.ts';
import { writeTree } from './git/new-tree.ts';
import { openRepository, type Repository, refuseIfBusy } from './git/repository.ts';
import { stage, unstage } from './git/staging.ts';
import { folderIn, ObjectReader, type Tree, TreeWriter } from './git/trees.ts';
import { type GitReason, GitTrouble } from './git/trouble.ts';
import { COMMITTED_FOLDERS, type Unrecorded, UnrecordedSearch } from './git/unrecorded.ts';

/** Others who commit at the same moment are made way for so many times. */
const ATTEMPTS = 5;
/** A commit whose objects a power cut takes back leaves a repository that cannot be read (git-config(1), core.fsync). */
const DURABLE = 'core.fsync=all';

export type CommitReport =
  | { outcome: 'committed'; commit: string; message: string; files: number; left: string[] }
  | { outcome: 'nothing_new'; left: string[] }
  | { outcome: 'not_committed'; reason: GitReason; detail: string; hint?: string };

/**
 * Commits what is new below `state/`, whoever wrote it, and nothing else: other changes of the work tree and of the index stay what
 * they are. No hook runs, nothing is signed, nobody is asked anything. Never throws: trouble with git is no trouble of a
 * pass. `left` are files that could not be taken in.
 */
export async function commitState(layout: Layout, env: NodeJS.ProcessEnv): Promise<CommitReport> {
  try {
    if (!existsSync(layout.root)) return { outcome: 'nothing_new', left: [] };
    for (let attempt = 1; ; attempt++) {
      const report = await commitOnce(layout, env);
      if (report !== 'overtaken') return report;
      if (attempt === ATTEMPTS) throw new GitTrouble('overtaken', 'others commit all the time; a later pass tries again');
    }
  } catch (error) {
    if (!(error instanceof GitTrouble)) return { outcome: 'not_committed', reason: 'failed', detail: truncate(oneLine(messageOf(error)), 500) };
    const { reason, message, hint } = error;
    return { outcome: 'not_committed', reason, detail: message, ...(hint === undefined ? {} : { hint }) };
  }
}

async function commitOnce(layout: Layout, env: NodeJS.ProcessEnv): Promise<CommitReport | 'overtaken'> {
  const repository = await openRepository(layout.root, env);
  refuseIfBusy(repository);
  const { git, gitDir, head, prefix } = repository;
  const objects = new ObjectReader(git);
  try {
    const root = head === null ? null : (await objects.tree(`${head}^{tree}`)).oid;
    const memory = new FolderMemory(layout, gitDir);
    const folders = await foldersToCommit(repository, layout);
    const found = await new UnrecordedSearch(layout, objects, memory).run(await stateTree(objects, root, prefix), folders);
    const ignored = await ignoredOf(repository, found.paths);
    const paths = found.paths.filter((path) => !ignored.has(path));
    const report = paths.length === 0 ? null : await commitPaths(repository, { layout, env, objects, root, paths, found, memory });
    if (report !== 'overtaken') memory.write();
    return report ?? { outcome: 'nothing_new', left: found.unreadable };
  } finally {
    objects.close();
  }
}

/** What the last commit has of the state folder. */
async function stateTree(objects: ObjectReader, root: string | null, prefix: string): Promise<Tree> {
  let oid = root ?? undefined;
  let tree: Tree = new Map();
  for (const part of [null, ...prefix.split('/').filter(Boolean)]) {
    if (part !== null) oid = folderIn(tree, part);
    if (oid === undefined) return new Map();
    tree = (await objects.tree(oid)).entries;
  }
  return tree;
}

/** Those that are there and not ignored as a whole: what git ignores need not be listed. */
async function foldersToCommit(repository: Repository, layout: Layout): Promise<Set<string>> {
  const there = COMMITTED_FOLDERS.filter((folder) => existsSync(layout.at(folder)));
  const ignored = await ignoredOf(repository, there);
  if (there.length > 0 && ignored.size === there.length) {
    throw new GitTrouble('ignored', 'git ignores everything below the state folder', `git -C ${layout.root} check-ignore -v ${there[0]}`);
  }
  return new Set(there.filter((folder) => !ignored.has(folder)));
}

async function ignoredOf({ git }: Repository, paths: readonly string[]): Promise<Set<string>> {
  if (paths.length === 0) return new Set();
  const input = paths.map((path) => `${path}\0`).join('');
  // It takes every path as it is, and knows no switch to say so.
  const env = { GIT_LITERAL_PATHSPECS: '0' };
  const listed = await git.run(['check-ignore', '--no-index', '-z', '--stdin'], { input, env, allowed: [0, 1] });
  return new Set(listed.toString('utf8').split('\0').filter(Boolean));
}

interface Work {
  layout: Layout;
  env: NodeJS.ProcessEnv;
  objects: ObjectReader;
  root: string | null;
  paths: readonly string[];
  found: Unrecorded;
  memory: FolderMemory;
}

/** Null if the files turn out to be what was committed before. */
async function commitPaths(repository: Repository, work: Work): Promise<CommitReport | 'overtaken' | null> {
  const { layout, env, objects, root, paths, found, memory } = work;
  const { git, prefix, head } = repository;
  const blobs = await writeBlobs(repository, layout, paths);
  const writer = new TreeWriter(git);
  const files = new Map([...blobs].map(([path, entry]) => [prefix + path, entry]));
  const tree = await writeTree(root, files, objects, writer).finally(() => writer.close());
  learn(memory, found, blobs, (folder) => tree.folders.get(prefix + folder));
  if (tree.changes.length === 0) return null;

  const added = tree.changes.map(({ path }) => path.slice(prefix.length));
  const { subject, body } = commitMessage(layout, added);
  const { identity, isTidy } = await readConfig(git, env);
  const input = `${subject}\n${body === '' ? '' : `\n${body}\n`}`;
  const parents = head === null ? [] : ['-p', head];
  const made = await git.run(['commit-tree', tree.oid, ...parents, '-F', '-'], {
    input,
    env: identity,
    settings: [DURABLE, 'i18n.commitEncoding=UTF-8'],
  });
  const commit = made.toString('latin1').trim();

  // The index first: should this process end in between, files are staged and not committed, and nobody's next commit removes them.
  const staged = await stage(repository, tree.changes);
  try {
    await git.run(['update-ref', '-m', `commit: ${subject}`, 'HEAD', commit, head ?? ''], { env: identity, settings: [DURABLE] });
  } catch (error) {
    // Somebody's commit may have what was staged; to take it out of the index now would have their next one remove it.
    if ((await openRepository(layout.root, env)).head !== head) return 'overtaken';
    await unstage(repository, staged);
    throw error;
  }
  if (isTidy) await git.run(['maintenance', 'run', '--auto', '--quiet'], { settings: ['gc.autoDetach=true'] }).catch(() => null);
  return { outcome: 'committed', commit, message: subject, files: added.length, left: found.unreadable };
}

/** Remembers the folders of which everything is in a tree now. */
function learn(memory: FolderMemory, found: Unrecorded, blobs: ReadonlyMap<string, unknown>, treeAt: (folder: string) => string | undefined): void {
  const incomplete = new Set([...found.paths.filter((path) => !blobs.has(path)), ...found.unreadable].map((path) => dirname(path)));
  for (const [folder, changed_ms] of found.changed_ms) {
    const oid = treeAt(folder);
    if (oid === undefined || incomplete.has(folder)) continue;
    memory.learn(folder, changed_ms, oid);
    if (folder === 'subjects') memory.learnSince(folder, changed_ms, oid);
  }
}
