import { isSecretRef } from '../../model/secret.ts';
import type { Located, Path } from '../document.ts';
import type { Problem } from '../problem.ts';
import { isSecretFlag, isSecretKey, secretIn } from '../secret-patterns.ts';

const REFERENCE = '{env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}';

const PLACEHOLDER = /\{[a-zA-Z][a-zA-Z0-9_.]*\}/g;
/** `xoxb-...`, `https://hooks.example.com/services/...`, `?key=KEY`: whoever reads it is to put in the rest. */
const EXAMPLE = /\S*\.\.\.\S*|=[A-Z_]+\b/g;
const NOTHING = /$^/;
/** `Bearer `, `GenieKey `, `token=`. */
const LONGEST_PREFIX = 12;

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
    const written = value.replace(isTemplate(path) ? PLACEHOLDER : isDescription(path) ? EXAMPLE : NOTHING, ' ');
    // What a recipe calls a token is where one goes, and a word such as Bearer may stand before it.
    const isPlace = isTemplate(path) && written !== value && written.trim().length <= LONGEST_PREFIX;
    const what = secret !== null && value !== '' && !isPlace ? secret : secretIn(written);
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
      const named =
        isReference || isDescription([...path, key]) ? null : isInSettings(path) && isSecretKey(key) ? `the value of "${key.slice(0, 60)}"` : secret;
      search(inner, [...path, key], named, found);
    }
  }
}

/** Names of keys only say something where settings stand, of senders or of acknowledgement links; elsewhere they are words like any other. */
function isInSettings(path: Path): boolean {
  return path[0] === 'spec' && (path.includes('with') || path[1] === 'acknowledge');
}

/** Of a recipe's request: `with.request`. Its strings are templates; values come in through placeholders. */
function isTemplate(path: Path): boolean {
  return isInSettings(path) && path[path.indexOf('with') + 1] === 'request';
}

/** Of a recipe's parameter: `with.parameters.<name>.description`. */
function isDescription(path: Path): boolean {
  return isInSettings(path) && path.at(-1) === 'description' && path[path.indexOf('with') + 1] === 'parameters';
}

function isAddress(path: Path): boolean {
  return path.at(-1) === 'address' && path[1] === 'targets';
}
