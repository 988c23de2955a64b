import { accessSync, constants, lstatSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatTime } from '../../model/time.ts';
import type { Layout } from '../../store/layout.ts';
import type { Repository } from '../git/repository.ts';
import type { Finding } from './finding.ts';
import { blobId, type PackedInGit } from './packed-in-git.ts';

const BATCH = 2_000;
/** So many folders and more take time of their own. */
const LIMIT_MS = 600_000;
const LINK = '120000';

interface Tracked {
  path: string;
  mode: string;
  oid: string;
}

/**
 * Files that the last commit has and the work tree has not, or with other content. Every file is read: what the index says of
 * times and sizes can be forged, and flags in it hide changes from `git status`.
 */
export async function verifyWorkTree(
  layout: Layout,
  { git, prefix, head }: Repository,
  folders: readonly string[],
  packed: PackedInGit,
): Promise<Finding[]> {
  const listed = await git.run(['ls-tree', '-r', '-z', '--full-tree', head as string, '--', ...folders.map((folder) => prefix + folder)], {
    limit_ms: LIMIT_MS,
  });
  const findings: Finding[] = [];
  const files: Tracked[] = [];
  for (const tracked of parseListing(listed, prefix)) {
    const stat = lstatSync(layout.at(tracked.path), { throwIfNoEntry: false });
    const since = stat ? formatTime(stat.ctimeMs) : folderTime(layout, tracked.path);
    const found = (reason: Finding['reason'], detail: string): number => findings.push({ path: tracked.path, reason, detail, since });
    if (!stat) {
      // Packed, and not committed yet.
      if (!(await packed.holdsOnDisk(tracked.path, tracked.oid))) found('worktree_removed', `it is in the last commit, ${short(head)}`);
    } else if (tracked.mode === LINK ? !stat.isSymbolicLink() : !stat.isFile()) found('worktree_altered', 'something else stands in its place');
    else if (tracked.mode === LINK) {
      if (blobId(Buffer.from(readlinkSync(layout.at(tracked.path))), tracked.oid) !== tracked.oid)
        found('worktree_altered', 'the link leads elsewhere');
    } else if (isReadable(layout.at(tracked.path))) files.push(tracked);
    else found('unreadable', 'permission denied');
  }
  for (let i = 0; i < files.length; i += BATCH) {
    const batch = files.slice(i, i + BATCH);
    const ids = (
      await git.run(['hash-object', '--stdin-paths'], { input: batch.map(({ path }) => `${prefix}${path}\n`).join(''), limit_ms: LIMIT_MS })
    )
      .toString()
      .split('\n');
    batch.forEach(({ path, oid }, n) => {
      if (ids[n] === oid) return;
      const since = formatTime(lstatSync(layout.at(path)).ctimeMs);
      findings.push({ path, reason: 'worktree_altered', detail: `it differs from the last commit, ${short(head)}`, since });
    });
  }
  return findings;
}

const short = (commit: string | null): string => (commit ?? '').slice(0, 12);

/** `<mode> <type> <id>TAB<path>NUL` (git-ls-tree(1)). A name with a line break is none of ours, and no command takes it by line. */
function* parseListing(listed: Buffer, prefix: string): Generator<Tracked> {
  for (const line of listed.toString('utf8').split('\0')) {
    const tab = line.indexOf('\t');
    const [mode = '', , oid = ''] = line.slice(0, tab).split(' ');
    if (tab > 0 && !line.includes('\n')) yield { path: line.slice(tab + 1 + prefix.length), mode, oid };
  }
}

/** When the folder of a file that is gone changed last; null if the folder is gone, too. */
function folderTime(layout: Layout, path: string): string | null {
  const stat = lstatSync(layout.at(dirname(path)), { throwIfNoEntry: false });
  return stat ? formatTime(stat.mtimeMs) : null;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
