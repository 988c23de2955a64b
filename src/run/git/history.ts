import type { ByteReader } from '../byte-reader.ts';
import { finished, type Git, type GitParts } from './git.ts';

/** Streaming a history of a million commits takes minutes. */
const LIMIT_MS = 3_600_000;
const NUL = 0;
const COMMIT_MARK = '\u0001';

/** One file, before and after. */
export interface RawChange {
  /** `A` added, `D` deleted, `M` modified, `T` another type (git-diff-tree(1), raw output). */
  status: string;
  oldMode: string;
  newMode: string;
  oldOid: string;
  newOid: string;
  /** Below the root; bytes that are no UTF-8 are shown as marks. */
  path: string;
}

/** What one commit changed, seen from one of its parents. */
export interface HistoryStep {
  commit: string;
  /** When it was made, as its author's clock said, in seconds since the epoch; any number at all. */
  date_s: number;
  changes: RawChange[];
}

const DIFF = ['--raw', '-r', '-z', '--no-renames', '--no-abbrev', '--ignore-submodules=none'];
const PARTS: GitParts = { limit_ms: LIMIT_MS, settings: ['core.commitGraph=false', 'log.showRoot=true', 'diff.relative=false'] };

/**
 * Every commit of a range with what it changed below these folders, the oldest first, one at a time however long the history. Each merge is
 * compared with each parent: what a merge drops is a change of no other commit. Nothing is simplified away, nothing
 * is taken for a renaming, and the commits themselves say who their parents are (no commit-graph file). Throws `GitTrouble`.
 */
export async function* historyOf(git: Git, range: readonly string[], folders: readonly string[]): AsyncGenerator<HistoryStep> {
  const order = ['--reverse', '--topo-order', '--full-history', '--sparse', '--diff-merges=separate'];
  const plain = ['--no-ext-diff', '--no-notes', '--no-show-signature', '--format=tformat:%x01%H%x00%at'];
  const args = ['log', ...order, ...DIFF, ...plain, '--end-of-options', ...range, '--', ...folders];
  const child = git.start(args, PARTS);
  child.close();
  try {
    let step: HistoryStep | null = null;
    for (let token = await nextToken(child.output); token !== null; token = await nextToken(child.output)) {
      if (token.startsWith(COMMIT_MARK)) {
        if (step) yield step;
        step = { commit: token.slice(1), date_s: Number(((await child.output.until(NUL)) ?? '').toString().trim()), changes: [] };
      } else step?.changes.push(await rawChange(token, child.output));
    }
    if (step) yield step;
    await finished(args, child);
  } finally {
    child.stop();
  }
}

/** What differs between two commits below these folders, by whatever way one came from the other. Throws `GitTrouble`. */
export async function changesBetween(git: Git, from: string, to: string, folders: readonly string[]): Promise<RawChange[]> {
  const args = ['diff-tree', ...DIFF, from, to, '--', ...folders];
  const child = git.start(args, PARTS);
  child.close();
  const changes: RawChange[] = [];
  for (let token = await nextToken(child.output); token !== null; token = await nextToken(child.output))
    changes.push(await rawChange(token, child.output));
  await finished(args, child);
  return changes;
}

/** What stands up to the next NUL; null at the end. Between its parts git leaves line breaks and empty pieces. */
async function nextToken(output: ByteReader): Promise<string | null> {
  for (;;) {
    const token = await output.until(NUL);
    const text = token?.toString('latin1').replace(/^\n+/, '');
    if (text !== '') return text ?? null;
  }
}

/** `:100644 000000 <id> <id> D`, then the path. */
async function rawChange(token: string, output: ByteReader): Promise<RawChange> {
  const [oldMode = '', newMode = '', oldOid = '', newOid = '', status = ''] = token.slice(1).split(' ');
  const path = ((await output.until(NUL)) ?? '').toString('utf8');
  return { status: status.slice(0, 1), oldMode, newMode, oldOid, newOid, path };
}
