import type { ErrorObject, ValidateFunction } from 'ajv';
import { didYouMean } from '../model/text.ts';
import { type Located, type Path, pathOf, valueAt } from './document.ts';
import type { Problem } from './problem.ts';
import { describeSchema, describeValue, NAMED_SCHEMAS } from './words.ts';

/** Of one document; whoever has mended so many looks again. */
const MAX_ERRORS = 200;

/** Which part of a document a validator looks at, and how its errors find their place. */
export interface SchemaTarget {
  document: Located;
  /** What to look at; the document's own value unless it is put together from several. */
  value: unknown;
  /** Where `path` inside that value stands. */
  place(path: Path): { document: Located; path: Path };
}

/** Everything that a schema has against a value, each fault once and in words, at its place. */
export function checkSchema(validate: ValidateFunction, target: SchemaTarget): Problem[] {
  if (validate(target.value)) return [];
  const errors = (validate.errors ?? []).slice(0, MAX_ERRORS);
  return byPath(errors).flatMap((group) => problemsAt(group, target, alternativesAbove(errors, group)));
}

/** The document itself, as its own target. */
export function wholeDocument(document: Located): SchemaTarget {
  return { document, value: document.value, place: (path) => ({ document, path }) };
}

interface Group {
  pointer: string;
  errors: ErrorObject[];
}

function byPath(errors: readonly ErrorObject[]): Group[] {
  const groups = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    const group = groups.get(error.instancePath);
    if (group) group.push(error);
    else groups.set(error.instancePath, [error]);
  }
  return [...groups].map(([pointer, list]) => ({ pointer, errors: list }));
}

const isAlternative = (error: ErrorObject): boolean => error.keyword === 'anyOf' || error.keyword === 'oneOf';

/** Where one of several shapes would have done, what each of them says about parts of the value is noise. */
function alternativesAbove(errors: readonly ErrorObject[], { pointer }: Group): boolean {
  return errors.some((error) => isAlternative(error) && pointer.startsWith(`${error.instancePath}/`));
}

function problemsAt({ pointer, errors }: Group, target: SchemaTarget, below: boolean): Problem[] {
  if (below) return [];
  const path = pathOf(pointer);
  const alternative = errors.find(isAlternative);
  if (alternative) return [alternativeProblem(alternative, errors, path, target)];
  const unknown = errors.filter((error) => error.keyword === 'additionalProperties');
  const guesses = new Set(unknown.map((error) => suggestedKey(error)));
  return errors
    .filter((error) => !['if', 'propertyNames', 'not'].includes(error.keyword) || (error.keyword === 'not' && error.propertyName !== undefined))
    .filter((error) => !(error.keyword === 'required' && guesses.has(String(error.params['missingProperty']))))
    .map((error) => problemOf(error, path, target));
}

/** If the value has the type of one alternative, what is wrong with it by that one; else what the alternatives are. */
function alternativeProblem(alternative: ErrorObject, errors: readonly ErrorObject[], path: Path, target: SchemaTarget): Problem {
  const precise = errors.find((error) => ['pattern', 'maxLength', 'minLength', 'enum', 'maximum', 'minimum'].includes(error.keyword));
  if (precise) return problemOf(precise, path, target);
  const place = target.place(path);
  return place.document.at(place.path, {
    code: 'wrong_type',
    message: `${nameOf(path)} is ${describeValue(valueAt(target.value, path))}`,
    expected: describeSchema(alternative.parentSchema ?? {}),
  });
}

function problemOf(error: ErrorObject, path: Path, target: SchemaTarget): Problem {
  if (error.propertyName !== undefined) {
    const { document, path: keyPath } = target.place([...path, error.propertyName]);
    const expected = error.keyword === 'not' ? 'a name that is not reserved' : describeSchema(error.parentSchema ?? {});
    return document.atKey(keyPath, { code: 'wrong_value', message: `"${error.propertyName.slice(0, 80)}" is no valid name here`, expected });
  }
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(error, path, target);
    case 'required':
      return missingKey(error, path, target);
    default:
      return wrongValue(error, path, target);
  }
}

function suggestedKey(error: ErrorObject): string | null {
  const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
  const present = Object.keys((error.data as object | undefined) ?? {});
  return didYouMean(
    String(error.params['additionalProperty']),
    known.filter((key) => !present.includes(key)),
  );
}

function unknownKey(error: ErrorObject, path: Path, target: SchemaTarget): Problem {
  const key = String(error.params['additionalProperty']);
  const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
  const suggestion = suggestedKey(error);
  const { document, path: place } = target.place([...path, key]);
  return document.atKey(place, {
    code: 'unknown_key',
    message: `unknown key "${key.slice(0, 80)}"${path.length > 0 ? ` in ${nameOf(path)}` : ''}`,
    ...(known.length > 0 ? { expected: `one of ${known.join(', ')}` } : { expected: 'no keys here' }),
    ...(suggestion === null ? {} : { suggestion }),
  });
}

function missingKey(error: ErrorObject, path: Path, target: SchemaTarget): Problem {
  const key = String(error.params['missingProperty']);
  const properties = error.parentSchema?.['properties'] as Record<string, Record<string, unknown>> | undefined;
  const { document, path: place } = target.place(path);
  return document.atKey(place, {
    code: 'missing_key',
    message: path.length > 0 ? `${nameOf(path)} has no key "${key}"` : `the key "${key}" is missing`,
    ...(properties?.[key] ? { expected: `${key}: ${describeSchema(properties[key])}` } : {}),
  });
}

function wrongValue(error: ErrorObject, path: Path, target: SchemaTarget): Problem {
  const { document, path: place } = target.place(path);
  const value = valueAt(target.value, path);
  const allowed = error.keyword === 'enum' ? (error.params['allowedValues'] as unknown[]).map(String) : [];
  const suggestion = typeof value === 'string' ? didYouMean(value, allowed) : null;
  return document.at(place, {
    code: error.keyword === 'type' ? 'wrong_type' : 'wrong_value',
    message: messageFor(error, path, value),
    expected: expectedBy(error),
    ...(suggestion === null ? {} : { suggestion }),
  });
}

function messageFor(error: ErrorObject, path: Path, value: unknown): string {
  const name = nameOf(path);
  switch (error.keyword) {
    case 'minItems':
    case 'minProperties':
      return `${name} has too few entries`;
    case 'maxItems':
    case 'maxProperties':
      return `${name} has too many entries`;
    case 'uniqueItems':
      return `${name} holds the same entry twice`;
    case 'minLength':
      return `${name} is empty`;
    case 'maxLength':
      return `${name} is too long`;
    default:
      return `${name} is ${describeValue(value)}`;
  }
}

function expectedBy(error: ErrorObject): string {
  const schema = error.parentSchema ?? {};
  switch (error.keyword) {
    case 'minItems':
    case 'minProperties':
    case 'minLength':
      return `at least ${error.params['limit']}`;
    case 'maxItems':
    case 'maxProperties':
    case 'maxLength':
      return `at most ${error.params['limit']}`;
    case 'minimum':
    case 'maximum':
      return `a number ${error.params['comparison']} ${error.params['limit']}`;
    case 'uniqueItems':
      return 'each entry once';
    case 'pattern':
      return NAMED_SCHEMAS.find(({ pattern }) => pattern === error.params['pattern'])?.words ?? describeSchema(schema);
    default:
      return describeSchema(schema);
  }
}

/** The last key of a path that is a word, for sentences. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the document';
  return /^\d+$/.test(String(last)) && path.length > 1 ? `entry ${Number(last) + 1} of ${nameOf(path.slice(0, -1))}` : String(last).slice(0, 80);
}
