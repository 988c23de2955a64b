import type { ChildEnd } from '../../child.ts';

/** Where shells are looked for, and how they are started. */
export interface Surroundings {
  /** The workspace, absolute. */
  root: string;
  /** The work tree that the workspace lies in, absolute; null without git. */
  repository: string | null;
  env: Readonly<Record<string, string>>;
}

/** What a try of an installed shell comes to. */
interface Tried {
  end: ChildEnd;
  /** Whether the shell holds the action back when it ends in this way. */
  holdsBack: boolean;
}

/** Why something that is installed cannot hold anything back, or cannot be tried, and what mends it. */
export interface Flaw {
  why: string;
  mend: string;
}

/** One installation of a shell. */
export interface Installed {
  /** The file, and which of several in it. */
  where: string;
  /** Known without a try. */
  flaw?: Flaw;
  /** What a reader must know besides: under which condition it fires. */
  notes?: readonly string[];
  /** Runs the very command line that is installed, as the runtime would, with `env` added to its environment. */
  run(env: Readonly<Record<string, string>>): Promise<Tried>;
}

/** A kind of shell: one file here each, and a line in `index.ts`. */
export interface Shell {
  name: string;
  /** What installs it, for whoever has none. */
  install: string;
  /** All of it that is installed for this workspace. */
  find(surroundings: Surroundings): Promise<Installed[]>;
}

/** No hook takes longer; what does, hangs. */
export const LIMIT_MS = 60_000;

export const exitCodeOf = (end: ChildEnd): number | null => (end.how === 'exited' ? end.status : null);

/** Of an installation that cannot be tried. */
export const untried = (where: string, flaw: Flaw): Installed => ({
  where,
  flaw,
  run: () => Promise.reject(new Error('there is nothing to run')),
});
