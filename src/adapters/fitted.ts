import { isSubject } from '../model/subject.ts';
import { fingerprint } from './foreign.ts';

const DOES_NOT_FIT = /[^\p{L}\p{N}_.@:+=,#-]+/gu;
/** Code points of a name; with the kind and a fingerprint that stays below the schema's 200. */
const NAME_MAX = 150;
const FINGERPRINTED = /~[0-9a-f]{12}$/;

/**
 * A name as a subject may spell it. Whatever had to be replaced or cut leaves a fingerprint of the original behind, and a
 * name that looks fingerprinted by itself gets one too: so two different names never become the same subject.
 */
export function fitted(name: string): string {
  if (name.length <= NAME_MAX && isSubject(name) && !FINGERPRINTED.test(name)) return name;
  const words = [
    ...name
      .slice(0, 4 * NAME_MAX)
      .replace(DOES_NOT_FIT, '-')
      .replace(/^[^\p{L}\p{N}_]+|-+$/gu, ''),
  ]
    .slice(0, NAME_MAX)
    .join('');
  return `${words === '' ? 'unnamed' : words}~${fingerprint(name)}`;
}
