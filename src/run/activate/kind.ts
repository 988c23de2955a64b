import type { RgovError } from '../../model/errors.ts';
import type { NextCommand, Piece } from './piece.ts';
import type { Site } from './site.ts';

/** One way to let a deployment run by itself; a folder beside this file. */
export interface ActivationKind {
  name: string;
  /** For --help, in a few words. */
  summary: string;
  /** What `--scope` may say; the first is what holds where nothing is said (a kind may choose another). Empty: it takes none. */
  scopes: readonly string[];
  /** Whether `--watch` (one process that stays, instead of passes) makes sense here. */
  canWatch: boolean;
  /** What it would install. Reads what it must of this machine, and changes nothing. */
  describe(site: Site): Activation | Promise<Activation>;
}

export interface Activation {
  /** What it is, in a line: `a pass every 5m, by the crontab of alice`. */
  summary: string;
  /** In the order in which they are written. */
  pieces: Piece[];
  /**
   * What this kind may have installed for this binding before, under other options or documents, and does not want now. Those that are
   * ours are drift, go away with --write, and with --remove.
   */
  leftovers: Piece[];
  /** Still to be run by the operator after --write, and after --remove. */
  next: { written: NextCommand[]; removed: NextCommand[] };
  /** What the operator should know: what it cannot do, what was left out. */
  warnings: string[];
  /** Why it cannot be installed as it is declared; --remove works all the same. */
  refusal: RgovError | null;
}
