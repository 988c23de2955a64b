import { oneLine, truncate } from '../../model/text.ts';

/** Why git was of no help. A closed list: scripts may depend on it. */
export type GitReason =
  /** There is no program of that name. */
  | 'no_git'
  | 'not_a_repository'
  /** The repository has no work tree here: it is a bare one, or this is inside of `.git`. */
  | 'no_work_tree'
  /** Git does not trust the owner of the repository (`safe.directory`). */
  | 'not_trusted'
  /** Somebody is in the middle of a merge, a rebase or the like. */
  | 'busy'
  /** Another git holds the index. */
  | 'index_locked'
  /** Somebody committed meanwhile, again and again. */
  | 'overtaken'
  | 'ignored'
  /** In the last commit something else stands where a folder of `state/` should be: a submodule, a link, a file. */
  | 'not_a_folder'
  | 'timed_out'
  | 'failed';

export class GitTrouble extends Error {
  readonly reason: GitReason;
  /** The next command that helps, where one is known. */
  readonly hint: string | undefined;

  constructor(reason: GitReason, detail: string, hint?: string) {
    super(truncate(oneLine(detail), 500));
    this.name = 'GitTrouble';
    this.reason = reason;
    this.hint = hint;
  }
}

/** What git complained of, in our terms. */
export function troubleOf(command: string, complaint: string): GitTrouble {
  const words = complaint.trim();
  if (/dubious ownership/.test(words)) {
    const path = /'([^'\n]*)'/.exec(words)?.[1] ?? 'PATH';
    return new GitTrouble('not_trusted', `git does not trust the owner of ${path}`, `git config --global --add safe.directory ${path}`);
  }
  if (/not a git repository/.test(words)) return new GitTrouble('not_a_repository', 'the state folder lies in no git repository', 'git init');
  if (/index\.lock': File exists/.test(words))
    return new GitTrouble('index_locked', 'another git holds the index; if none is running, a dead one left .git/index.lock behind');
  const said = /^(?:fatal|error): (.*)$/m.exec(words)?.[1] ?? words.split('\n')[0] ?? '';
  return new GitTrouble('failed', `git ${command} failed: ${said === '' ? 'it does not say why' : said}`);
}
