import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, realFileSystem } from '../../store/files.ts';
import type { Layout } from '../../store/layout.ts';
import type { Repository } from './repository.ts';
import type { TreeEntry } from './trees.ts';

/** So many files go into one command, which has its time limit; what earlier ones wrote stays, even if a later one fails. */
const BATCH = 5_000;
/** Durable, with one barrier for a batch (git-config(1), core.fsync); an index of our own in the plain format, without helpers. */
const SETTINGS = [
  'core.fsync=all',
  'core.fsyncMethod=batch',
  'core.splitIndex=false',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  // The very bytes: `sha256sum -c` has to agree in every clone.
  'core.autocrlf=false',
  'core.safecrlf=false',
];
let count = 0;

/**
 * Writes files into the repository's objects, as `git add` would: with its filters, links as links. Returns what a tree says of each;
 * those that went away meanwhile are missing. An empty index takes them in: one that holds all of a large repository
 * costs a hundred times as much (100,000 files: 5 ms against 400).
 */
export async function writeBlobs({ git, prefix }: Repository, layout: Layout, paths: readonly string[]): Promise<Map<string, TreeEntry>> {
  makeFolder(realFileSystem, layout.temporaries);
  const entries = new Map<string, TreeEntry>();
  for (let i = 0; i < paths.length; i += BATCH) {
    // Below what is swept: a pass that is killed here leaves nothing for long.
    const index = join(layout.temporaries, `git-${process.pid}-${process.hrtime.bigint()}-${++count}`);
    try {
      const input = paths.slice(i, i + BATCH).map((path) => `${path}\0`);
      await git.run(['update-index', '--add', '--remove', '-z', '--stdin'], { index, settings: SETTINGS, input: input.join('') });
      const listed = await git.run(['ls-files', '--stage', '-z', '--full-name'], { index, settings: SETTINGS });
      for (const { path, entry } of parseStaged(listed)) if (path.startsWith(prefix)) entries.set(path.slice(prefix.length), entry);
    } finally {
      rmSync(index, { force: true });
      rmSync(`${index}.lock`, { force: true });
    }
  }
  return entries;
}

/** `<mode> <id> <stage>TAB<path>NUL` (git-ls-files(1)); of paths in conflict, with each of their stages. */
export function parseStaged(listed: Buffer): { path: string; stage: string; entry: TreeEntry }[] {
  return listed
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', oid = '', stage = ''] = line.slice(0, tab).split(' ');
      return { path: line.slice(tab + 1), stage, entry: { mode, oid } };
    });
}
