/** What there is now in the place of one piece. */
export type Found =
  | { status: 'same' }
  | { status: 'missing' }
  /** We wrote it, for the same binding, and it is not what would be written now. `byHand`: somebody has edited it since we wrote it. */
  | { status: 'changed'; byHand: boolean; differences: string[] }
  /** Something stands there that we did not write for this binding. It is never removed, and replaced only with --force. */
  | { status: 'foreign'; differences: string[] }
  /** It cannot be looked at, or is damaged so that its end is not known. Nothing is written then. */
  | { status: 'unknown'; reason: string; hint?: string };

/**
 * One thing that is installed: a file, a part of a text or of a JSON document that others own, an entry that a program keeps.
 * It knows its own bytes and touches no other ones.
 */
export interface Piece {
  /** Where it is, for a person: an absolute path, or `the crontab of alice`. No two pieces of one activation have the same. */
  where: string;
  /** Why it is needed, in a sentence. */
  why: string;
  /** What would be installed, as a person would read it. */
  text: string;
  look(): Found | Promise<Found>;
  /** Puts it there, whatever stands there now; at once as a whole or not at all. Throws `state_io` or `negative`. */
  write(): void | Promise<void>;
  /** Takes it out. Only called where {@link look} says `same` or `changed`. */
  remove(): void | Promise<void>;
}

/** A command that the operator still has to run, and what for. */
export interface NextCommand {
  command: string;
  why: string;
}

const MAX_DIFFERENCES = 40;

/** Lines that are there (`- `) and lines that should be (`+ `), without those that both begin and end with. */
export function differencesOf(is: string, should: string): string[] {
  const [ours, theirs] = [should.split('\n'), is.split('\n')];
  let start = 0;
  while (start < ours.length && start < theirs.length && ours[start] === theirs[start]) start++;
  let end = 0;
  while (end < ours.length - start && end < theirs.length - start && ours.at(-1 - end) === theirs.at(-1 - end)) end++;
  const middle = (lines: string[], mark: string): string[] => lines.slice(start, lines.length - end).map((line) => `${mark} ${line}`);
  const all = [...middle(theirs, '-'), ...middle(ours, '+')];
  return all.length > MAX_DIFFERENCES ? [...all.slice(0, MAX_DIFFERENCES), `... and ${all.length - MAX_DIFFERENCES} more lines`] : all;
}
