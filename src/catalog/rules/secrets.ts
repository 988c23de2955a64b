import { isSecretRef } from '../../model/secret.ts';
import type { Located, Path } from '../document.ts';
import type { Problem } from '../problem.ts';
import { isSecretFlag, isSecretKey, secretIn } from '../secret-patterns.ts';

const REFERENCE = '{env: NAME} or {file: PATH}';

/** Secrets that are written out instead of being referred to. Hides them in the source, so that no problem ever shows them. */
export function findSecrets(document: Located): Problem[] {
  const secrets: { path: Path; what: string }[] = [];
  search(document.value, [], null, secrets);
  for (const { path } of secrets) {
    const range = document.rangeOf(path);
    if (range) document.source.hide(range);
  }
  return secrets.map(({ path, what }) =>
    document.at(path, {
      code: 'secret_in_clear',
      message: `${what} stands here in clear`,
      expected: isAddress(path) ? `the address in the sender's settings, as ${REFERENCE}` : REFERENCE,
    }),
  );
}

/** `secret`: what the values here are by the name of the key above them; null if it is no name of a secret. */
function search(value: unknown, path: Path, secret: string | null, found: { path: Path; what: string }[]): void {
  if (typeof value === 'string') {
    const what = secret !== null && value !== '' ? secret : secretIn(value);
    if (what !== null) found.push({ path, what });
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const previous: unknown = value[index - 1];
      const flagged = typeof previous === 'string' && isSecretFlag(previous) ? `the value of ${previous}` : secret;
      search(item, [...path, index], flagged, found);
    }
  } else if (typeof value === 'object' && value !== null) {
    // What a reference names is no secret by its place; a token in the place of a name still is one.
    const isReference = isSecretRef(value);
    for (const [key, inner] of Object.entries(value)) {
      const named = isReference ? null : isInSettings(path) && isSecretKey(key) ? `the value of "${key.slice(0, 60)}"` : secret;
      search(inner, [...path, key], named, found);
    }
  }
}

/** Names of keys only say something where settings of senders stand; elsewhere they are words like any other. */
function isInSettings(path: Path): boolean {
  return path[0] === 'spec' && path.includes('with');
}

function isAddress(path: Path): boolean {
  return path.at(-1) === 'address' && path[1] === 'targets';
}
