import type { PolicyPack, Profile, RuntimeBinding, RuntimeCapabilities, SenderBinding } from '../model/artifacts.ts';
import { escapePointer, type ParsedDocument, type Place } from './parse-yaml.ts';
import type { Problem } from './problem.ts';
import type { Range, Source } from './source.ts';

/** The kinds of declared documents. */
interface Kinds {
  PolicyPack: PolicyPack;
  Profile: Profile;
  SenderBinding: SenderBinding;
  RuntimeBinding: RuntimeBinding;
  RuntimeCapabilities: RuntimeCapabilities;
}
export type Kind = keyof Kinds;

type Parts = Pick<Problem, 'code' | 'message' | 'expected' | 'suggestion'>;
export type Path = readonly (string | number)[];

/** A document with the file that it stands in; `T` is what is known of its content. */
export class Located<T = unknown> {
  readonly source: Source;
  readonly value: T;
  readonly #places: ReadonlyMap<string, Place>;

  constructor(source: Source, { value, places }: ParsedDocument) {
    this.source = source;
    this.value = value as T;
    this.#places = places;
  }

  /** A problem of the value at a path; where there is none, of the nearest one around it. */
  at(path: Path, parts: Parts): Problem {
    return this.source.problem(this.#nearest(path).value.start, parts);
  }

  /** A problem of a key, of the one at the end of the path. */
  atKey(path: Path, parts: Parts): Problem {
    const { key, value } = this.#nearest(path);
    return this.source.problem((key ?? value).start, parts);
  }

  /** A problem inside a text, at an index into the text as it reads after YAML has taken its quotes and folds away. */
  inText(path: Path, index: number, parts: Parts): Problem {
    const { value } = this.#nearest(path);
    return this.source.problem(value.start + offsetInScalar(this.source.text.slice(value.start, value.end), textAt(this.value, path), index), parts);
  }

  /** Where a value stands, or null if there is none at the path. */
  rangeOf(path: Path): Range | null {
    return this.#places.get(pointerTo(path))?.value ?? null;
  }

  /** The keys that stand in a map, those included that its schema refuses. */
  keysAt(path: Path): string[] {
    const above = `${pointerTo(path)}/`;
    return [...this.#places.keys()]
      .filter((pointer) => pointer.startsWith(above) && !pointer.includes('/', above.length))
      .map((pointer) => pathOf(pointer).at(-1) ?? '');
  }

  #nearest(path: Path): Place {
    for (let length = path.length; length >= 0; length--) {
      const place = this.#places.get(pointerTo(path.slice(0, length)));
      if (place) return place;
    }
    return { key: null, value: { start: 0, end: 0 } };
  }
}

/** A document that its schema accepts. */
export interface Declared<K extends Kind = Kind> extends Located<Kinds[K]> {
  readonly kind: K;
  readonly name: string;
}

class DeclaredDocument<K extends Kind> extends Located<Kinds[K]> implements Declared<K> {
  readonly kind: K;
  readonly name: string;

  constructor(kind: K, name: string, source: Source, parsed: ParsedDocument) {
    super(source, parsed);
    this.kind = kind;
    this.name = name;
  }
}

export function declared<K extends Kind>(kind: K, name: string, source: Source, parsed: ParsedDocument): Declared<K> {
  return new DeclaredDocument(kind, name, source, parsed);
}

export function isKind<K extends Kind>(document: Declared, kind: K): document is Declared<K> {
  return document.kind === kind;
}

function pointerTo(path: Path): string {
  return path.map((step) => `/${escapePointer(String(step))}`).join('');
}

/** Steps of a JSON pointer, as ajv names places. */
export function pathOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a path of plain data; undefined if there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

function textAt(value: unknown, path: Path): string {
  const text = valueAt(value, path);
  return typeof text === 'string' ? text : '';
}

/** Follows text and raw scalar side by side: quotes, escapes and the indentation of folded lines stand in the raw one only. */
function offsetInScalar(raw: string, text: string, index: number): number {
  let at = 0;
  if (/^["']/.test(raw)) at = 1;
  else if (/^[|>]/.test(raw)) at = raw.indexOf('\n') + 1;
  for (let i = 0; i <= Math.min(index, text.length); i++) {
    const char = text[i] ?? '';
    const wanted = /\s/.test(char) ? /\s/ : null;
    while (at < raw.length && !(wanted ? wanted.test(raw[at] as string) : raw[at] === char)) at++;
    if (i === index || at >= raw.length) break;
    at++;
    // A folded line break is one space of the text and many characters of the file.
    if (wanted) while (at < raw.length && wanted.test(raw[at] as string) && !wanted.test(text[i + 1] ?? '')) at++;
  }
  return Math.min(at, Math.max(0, raw.length - 1));
}
