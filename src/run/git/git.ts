import { Child, type ChildEnd, runChild } from '../child.ts';
import { GitTrouble, troubleOf } from './trouble.ts';

/** One command of git; what takes longer hangs, on a dead network share or in a filter of the repository. */
const LIMIT_MS = 60_000;

/**
 * Variables that say who commits and which configuration is read. All other ones of git's own are left out: a hook that
 * calls us has GIT_DIR and GIT_INDEX_FILE set, and those mean another repository and another index.
 */
const KEPT = /^GIT_(?:CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL)|CEILING_DIRECTORIES|EXEC_PATH)$/;

function gitEnvironment(ours: NodeJS.ProcessEnv): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(ours)) {
    if (value !== undefined && (!name.startsWith('GIT_') || KEPT.test(name))) environment[name] = value;
  }
  return {
    ...environment,
    // Its words are shown to an operator and told apart by us.
    LC_ALL: 'C.UTF-8',
    LANGUAGE: '',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    // What a partial clone left out is not fetched: nobody asked for a connection.
    GIT_NO_LAZY_FETCH: '1',
    // What stands in for other objects (git-replace(1), grafts) is not what was committed.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/dev/null',
  };
}

/** No hook of the repository runs, whatever it is for. */
const SETTINGS = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.quotePath=false'];

export interface GitParts {
  input?: string | Uint8Array;
  /** An index of our own instead of the repository's. */
  index?: string;
  /** Further variables. */
  env?: Record<string, string>;
  /** Further settings for this command, `core.fsync=all`. */
  settings?: readonly string[];
  /** Exit codes that are answers. */
  allowed?: readonly number[];
  limit_ms?: number;
}

/** Git in one folder, without its terminal, its hooks and what a caller of ours has set. */
export class Git {
  /** Absolute, and there. */
  readonly folder: string;
  readonly #env: Record<string, string>;

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = gitEnvironment(env);
  }

  /** What it prints. Throws `GitTrouble`. */
  async run(args: readonly string[], parts: GitParts = {}): Promise<Buffer> {
    const { output, ...end } = await runChild(argv(args, parts), this.#parts(parts), parts.input);
    checkEnd(args, end, parts.allowed);
    return output;
  }

  /** For those that are asked many times, or answer without end; {@link finished} says whether all went well. */
  start(args: readonly string[], parts: GitParts = {}): Child {
    return new Child(argv(args, parts), this.#parts(parts));
  }

  #parts({ index, env, limit_ms = LIMIT_MS }: GitParts) {
    return { cwd: this.folder, limit_ms, env: { ...this.#env, ...(index === undefined ? {} : { GIT_INDEX_FILE: index }), ...env } };
  }
}

/** Waits for the end of a command that was started. Throws `GitTrouble`. */
export async function finished(args: readonly string[], child: Child): Promise<void> {
  checkEnd(args, await child.end());
}

function argv(args: readonly string[], { settings = [] }: GitParts): string[] {
  return ['git', ...SETTINGS, ...settings.flatMap((setting) => ['-c', setting]), ...args];
}

function checkEnd([command = '']: readonly string[], end: ChildEnd, allowed: readonly number[] = [0]): void {
  switch (end.how) {
    case 'exited':
      if (!allowed.includes(end.status)) throw troubleOf(command, end.complaint);
      return;
    case 'not_started':
      throw end.code === 'ENOENT'
        ? new GitTrouble('no_git', 'there is no git on PATH', 'install git')
        : failed(command, `could not be started: ${end.code}`);
    case 'timed_out':
      throw new GitTrouble('timed_out', `git ${command} took too long and was ended`);
    case 'killed':
      throw failed(command, `was ended by ${end.by}`);
  }
}

const failed = (command: string, why: string): GitTrouble => new GitTrouble('failed', `git ${command} ${why}`);
