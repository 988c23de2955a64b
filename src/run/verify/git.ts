import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { STAGES } from '../../model/artifacts.ts';
import { RgovError } from '../../model/errors.ts';
import { oneLine, truncate } from '../../model/text.ts';
import { formatTime } from '../../model/time.ts';
import type { Layout } from '../../store/layout.ts';
import type { Git } from '../git/git.ts';
import { changesBetween, historyOf, type RawChange } from '../git/history.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { ObjectReader } from '../git/trees.ts';
import { GitTrouble } from '../git/trouble.ts';
import type { Finding } from './finding.ts';
import { PackedInGit } from './packed-in-git.ts';
import { verifyWorkTree } from './work-tree.ts';

/** What lies here is never changed and never removed. `subjects/` is rewritten by design. */
const KEPT_FOREVER: readonly string[] = [...STAGES, 'seals', 'archives', 'quarantine'];
/** Reading archives out of the history of years. */
const LIMIT_MS = 3_600_000;
/** The end of the year 9999. */
const LAST_SECOND = 253_402_300_799;
/** The state folder as a whole. */
const EVERYTHING = '.';

/**
 * Whether the history in git only ever added to `state/`, and whether the work tree still has what the last commit has. `range` is
 * `<known commit>..HEAD`, any revision, or all of the history. Artifacts whose day was packed may go, if the same commit has an
 * archive with the same bytes. Throws `usage` where there is no such repository or revision.
 *
 * A history that was rewritten as a whole shows no trace of it: only a commit that was written down elsewhere tells.
 */
export async function verifyGit(layout: Layout, range?: string): Promise<{ findings: Finding[]; commits: number }> {
  const repository = await openRepository(layout.root, process.env).catch(refuse);
  if (repository.head === null) return { findings: [], commits: 0 };
  const objects = new ObjectReader(repository.git, LIMIT_MS);
  const search = new HistorySearch(repository, new PackedInGit(layout, objects, repository.prefix));
  try {
    const asked = await search.range(range ?? 'HEAD');
    await search.walk(asked);
    await search.mindTheGap(asked);
    await search.compareWorkTree(layout);
  } catch (error) {
    if (!(error instanceof GitTrouble)) throw error;
    search.found(EVERYTHING, 'history_unreadable', error.message, null);
  } finally {
    objects.close();
  }
  return { findings: [...search.findings.values()], commits: search.commits };
}

interface Range {
  /** Without those that this one can reach; null for all. */
  since: string | null;
  until: string;
}

class HistorySearch {
  /** By path and reason: the first commit is the one that counts. */
  readonly findings = new Map<string, Finding>();
  commits = 0;
  readonly #repository: Repository;
  readonly #packed: PackedInGit;
  readonly #folders = KEPT_FOREVER;

  constructor(repository: Repository, packed: PackedInGit) {
    this.#repository = repository;
    this.#packed = packed;
  }

  found(path: string, reason: Finding['reason'], detail: string, since: string | null): void {
    const key = `${reason}\n${path}`;
    if (!this.findings.has(key)) this.findings.set(key, { path, reason, detail, since });
  }

  /** Where the range begins at a commit that is gone, everything that is there is looked at. */
  async range(text: string): Promise<Range> {
    const { git } = this.#repository;
    if (text.includes('...')) throw unknownRevision(text);
    const [first = '', last] = text.split('..');
    if (last === undefined) return { since: null, until: await commitNamed(git, first) };
    const until = await commitNamed(git, last);
    const since = await resolveCommit(git, first || 'HEAD');
    if (since === null) {
      if (!/^[0-9a-f]{7,64}$/i.test(first)) throw unknownRevision(first);
      this.found(
        EVERYTHING,
        'history_rewritten',
        `there is no commit ${first} in this repository${this.#shallowRoots().size > 0 ? ', which is a shallow clone' : ''}`,
        null,
      );
      return { since: null, until };
    }
    if (await isAncestor(git, since, until)) return { since, until };
    this.found(
      EVERYTHING,
      'history_rewritten',
      `commit ${since.slice(0, 12)} is no ancestor of ${until.slice(0, 12)}: history was rewritten, or this is another branch`,
      null,
    );
    const changes = await changesBetween(git, since, until, this.#folders);
    await this.#judge(until, `between ${since.slice(0, 12)} and ${until.slice(0, 12)}`, null, changes);
    return { since, until };
  }

  async walk({ since, until }: Range): Promise<void> {
    let last = '';
    for await (const { commit, date_s, changes } of historyOf(this.#repository.git, revisions({ since, until }), this.#folders)) {
      // A merge comes once for each parent.
      if (commit !== last) this.commits++;
      last = commit;
      await this.#judge(commit, `in commit ${commit.slice(0, 12)}`, timeOf(date_s), changes);
    }
  }

  /** A shallow clone ends where it was cut, and what came before is nowhere to be seen. */
  async mindTheGap(range: Range): Promise<void> {
    const roots = this.#shallowRoots();
    if (roots.size === 0) return;
    const walked = (await this.#repository.git.run(['rev-list', ...revisions(range)])).toString('latin1').split('\n');
    if (!walked.some((commit) => roots.has(commit))) return;
    this.found(
      EVERYTHING,
      'history_unreadable',
      'this is a shallow clone: what came before its first commits is not here; git fetch --unshallow',
      null,
    );
  }

  async compareWorkTree(layout: Layout): Promise<void> {
    for (const { path, reason, detail, since } of await verifyWorkTree(layout, this.#repository, this.#folders, this.#packed))
      this.found(path, reason, detail, since);
  }

  async #judge(commit: string, where: string, date: string | null, changes: readonly RawChange[]): Promise<void> {
    const bad = changes.filter(({ status }) => status !== 'A');
    if (bad.length === 0) return;
    const added = new Map(changes.filter(({ status }) => status === 'A').map(({ newOid, path }) => [newOid, this.#below(path)]));
    for (const { status, oldMode, newMode, oldOid, newOid, path } of bad) {
      const file = this.#below(path);
      if (status !== 'D') this.found(file, 'history_altered', `${where}: ${whatChanged(oldMode, newMode, oldOid === newOid)}`, date);
      else if (await this.#packed.holds(commit, file, oldOid)) continue;
      else if (added.has(oldOid)) this.found(file, 'history_moved', `${where}: to ${truncate(oneLine(added.get(oldOid) as string), 300)}`, date);
      else this.found(file, 'history_removed', where, date);
    }
  }

  #below(path: string): string {
    return path.slice(this.#repository.prefix.length);
  }

  #shallowRoots(): Set<string> {
    try {
      return new Set(
        readFileSync(resolve(commonDir(this.#repository.gitDir), 'shallow'), 'latin1')
          .split('\n')
          .filter(Boolean),
      );
    } catch {
      return new Set();
    }
  }
}

/** Null for what no calendar knows; git takes any number. */
function timeOf(date_s: number): string | null {
  return Math.abs(date_s) <= LAST_SECOND ? formatTime(date_s * 1000) : null;
}

const revisions = ({ since, until }: Range): string[] => [until, ...(since === null ? [] : [`^${since}`])];

function whatChanged(oldMode: string, newMode: string, sameContent: boolean): string {
  if (!sameContent) return oldMode.slice(0, 3) === newMode.slice(0, 3) ? 'other content' : `other content, and mode ${newMode} instead of ${oldMode}`;
  return `mode ${newMode} instead of ${oldMode}`;
}

/** Where several work trees share one repository, the folder that they share (gitrepository-layout(5)). */
function commonDir(gitDir: string): string {
  try {
    return resolve(gitDir, readFileSync(resolve(gitDir, 'commondir'), 'utf8').trim());
  } catch {
    return gitDir;
  }
}

async function resolveCommit(git: Git, name: string): Promise<string | null> {
  const answer = await git.run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], { allowed: [0, 1, 128] });
  return answer.toString('latin1').trim() || null;
}

async function commitNamed(git: Git, name: string): Promise<string> {
  const commit = await resolveCommit(git, name || 'HEAD');
  if (commit === null) throw unknownRevision(name);
  return commit;
}

async function isAncestor(git: Git, commit: string, of: string): Promise<boolean> {
  // With 0 or 1 nothing is printed; what is not an ancestor is a merge base other than itself.
  const base = await git.run(['merge-base', '--all', commit, of], { allowed: [0, 1], settings: ['core.commitGraph=false'] });
  return base.toString('latin1').split('\n').includes(commit);
}

function unknownRevision(text: string): RgovError {
  return new RgovError('usage', `git knows no revision ${truncate(oneLine(text), 100)}`, {
    expected: 'a commit, a tag or a branch; or a range of two, such as v1..HEAD',
    hint: 'git log --oneline',
  });
}

function refuse(error: unknown): never {
  if (!(error instanceof GitTrouble)) throw error;
  throw new RgovError('usage', `--git: ${error.message}`, error.hint === undefined ? {} : { hint: error.hint });
}
