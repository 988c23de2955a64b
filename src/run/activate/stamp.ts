import { sha256 } from '../../model/hash.ts';

/** Whose a piece is: one binding of one workspace. */
export interface Owner {
  binding: string;
  /** Absolute, without links. */
  workspace: string;
}

const DIGEST_LENGTH = 16;

/** What tells one owner from all others, on one line. The path stands in quotes, so that no path can look like two. */
export const ownerWords = ({ binding, workspace }: Owner): string => `binding ${binding} of ${JSON.stringify(workspace)}`;

/**
 * The line that says whose the text below it is, with the hash of that text: whoever edits it by hand is noticed, and told apart from a
 * binding that has changed since.
 */
export const stampLine = (owner: Owner, text: string): string => `${stampStart(owner)}${digest(text)}`;

/** How such a line begins, whatever the text. */
export const stampStart = (owner: Owner): string => `rgov activate: ${ownerWords(owner)}, sha256 `;

/** What a stamped text says of itself: `foreign` if it is not this owner's, else whether its text is as it was written. */
export function judgeStamp(stamp: string, owner: Owner, text: string): 'foreign' | 'as_written' | 'edited' {
  const start = stampStart(owner);
  if (!stamp.startsWith(start)) return 'foreign';
  return stamp.slice(start.length) === digest(text) ? 'as_written' : 'edited';
}

const digest = (text: string): string => sha256(text).slice(0, DIGEST_LENGTH);
