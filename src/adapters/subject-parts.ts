import { isSubject } from '../model/subject.ts';
import { oneLine } from '../model/text.ts';
import { fingerprint } from './foreign.ts';

/** What a subject may hold between two slashes. */
const DOES_NOT_FIT = /[^\p{L}\p{N}_.@:+=,# -]+/gu;
/** Code points of one part; a longer one is cut. */
const PART_MAX = 120;
/** Code points of a whole subject, of which the schema allows 200: what is left is for the fingerprint of a cut one. */
const SUBJECT_MAX = 180;
const FINGERPRINTED = /~[0-9a-f]{12}$/;

/**
 * The subject of somebody whom a foreign system knows by several names, one inside the other (namespace and job; host, project
 * and pipeline). Each name becomes exactly one part between slashes, so that a name with a slash in it cannot reach into the next
 * part. What had to be replaced or cut leaves a fingerprint of the original behind, and a name that looks fingerprinted by
 * itself gets one, too: different names never become the same subject.
 */
export function subjectOf(kind: string, names: readonly string[]): string {
  const subject = [kind, ...names.map(partOf)].join('/');
  const letters = [...subject];
  if (letters.length <= SUBJECT_MAX) return subject;
  const cut = letters
    .slice(0, SUBJECT_MAX)
    .join('')
    .replace(/[/ ]+$/, '');
  return `${cut}~${fingerprint(JSON.stringify(names))}`;
}

/** One name as one part of a subject. */
export function partOf(name: string): string {
  if (name.length <= PART_MAX && !name.includes('/') && isSubject(name) && !FINGERPRINTED.test(name) && name === oneLine(name)) return name;
  const words = [
    ...name
      .slice(0, 4 * PART_MAX)
      .replace(DOES_NOT_FIT, '-')
      .replace(/^[^\p{L}\p{N}_]+|[- ]+$/gu, ''),
  ]
    .slice(0, PART_MAX)
    .join('')
    .trimEnd();
  return `${words === '' ? 'unnamed' : words}~${fingerprint(name)}`;
}
