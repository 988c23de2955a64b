import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { whyTooComplex } from './complexity.ts';
import type { Problem } from './problem.ts';
import type { Range, Source } from './source.ts';

const MAX_DEPTH = 32;
/** After aliases are written out. */
const MAX_NODES = 20_000;
const MAX_SYNTAX_PROBLEMS = 20;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Where a value stands, and the key before it if it has one. */
export interface Place {
  key: Range | null;
  value: Range;
}

/** One YAML document as plain data, with the place of everything in it by JSON pointer. */
export interface ParsedDocument {
  value: unknown;
  places: ReadonlyMap<string, Place>;
}

export interface ParsedFile {
  documents: ParsedDocument[];
  problems: Problem[];
}

/** Reads YAML 1.2 (core schema) and nothing beyond it: no merge keys, no tags of one's own, no key twice. */
export function parseYaml(source: Source): ParsedFile {
  const control = /[^\P{Cc}\t\n\r\u0085]/u.exec(source.text);
  if (control) return failed(source, control.index, 'control_character', 'there is a control character in the text');
  const tooComplex = whyTooComplex(source.text);
  if (tooComplex) return failed(source, tooComplex.offset, 'too_complex', tooComplex.message);
  let documents: Document.Parsed[];
  try {
    documents = [
      ...parseAllDocuments(source.text, {
        version: '1.2',
        schema: 'core',
        strict: true,
        merge: false,
        stringKeys: true,
        // Comparing every key with every other takes minutes on a large file; the walk below finds them in one go.
        uniqueKeys: false,
        prettyErrors: false,
        logLevel: 'silent',
        lineCounter: new LineCounter(),
      }),
    ] as Document.Parsed[];
  } catch {
    return failed(source, 0, 'too_complex', 'the file is nested too deeply');
  }
  const parsed: ParsedFile = { documents: [], problems: [] };
  for (const document of documents) {
    const problems = syntaxProblems(source, document);
    const { value, places } = problems.length === 0 ? new Walk(source, document, problems).read() : { value: null, places: new Map() };
    parsed.problems.push(...problems);
    // A document of comments alone says nothing.
    if (problems.length === 0 && value !== null) parsed.documents.push({ value, places });
  }
  parsed.problems.length = Math.min(parsed.problems.length, MAX_SYNTAX_PROBLEMS);
  return parsed;
}

function failed(source: Source, offset: number, code: Problem['code'], message: string): ParsedFile {
  return { documents: [], problems: [source.problem(offset, { code, message })] };
}

function syntaxProblems(source: Source, document: Document.Parsed): Problem[] {
  const errors = [...document.errors.slice(0, MAX_SYNTAX_PROBLEMS), ...document.warnings.slice(0, MAX_SYNTAX_PROBLEMS)];
  const problems = errors.map((error) => source.problem(error.pos[0], { code: 'yaml_syntax', message: error.message.replace(/\.$/, '') }));
  const version = document.directives?.yaml;
  if (version?.explicit && version.version !== '1.2') {
    problems.push(source.problem(0, { code: 'yaml_syntax', message: `%YAML ${version.version} is not supported`, expected: 'YAML 1.2' }));
  }
  return problems;
}

class TooComplex extends Error {}

/** Turns nodes into plain data. Aliases count as often as they are used, so that a few lines cannot unfold into gigabytes. */
class Walk {
  readonly places = new Map<string, Place>();
  private nodes = 0;
  private readonly source: Source;
  private readonly document: Document.Parsed;
  private readonly problems: Problem[];

  constructor(source: Source, document: Document.Parsed, problems: Problem[]) {
    this.source = source;
    this.document = document;
    this.problems = problems;
  }

  read(): ParsedDocument {
    try {
      return { value: this.value(this.document.contents, '', null, null, 0), places: this.places };
    } catch (error) {
      if (!(error instanceof TooComplex)) throw error;
      return { value: null, places: this.places };
    }
  }

  /** `fixed`: where the alias stands through which this value is seen; everything below it is blamed on the alias. */
  private value(node: Node | null, pointer: string, key: Range | null, fixed: Range | null, depth: number): unknown {
    const place = fixed ?? rangeOf(node) ?? key ?? { start: 0, end: 0 };
    if (++this.nodes > MAX_NODES) this.stop(place, `the file holds more than ${MAX_NODES} values`);
    if (depth > MAX_DEPTH) this.stop(place, `the document is nested more than ${MAX_DEPTH} levels deep`);
    this.places.set(pointer, { key, value: place });
    if (isAlias(node)) return this.value((node.resolve(this.document) as Node | undefined) ?? null, pointer, key, place, depth + 1);
    if (isSeq(node)) return node.items.map((item, index) => this.value(item as Node | null, `${pointer}/${index}`, null, fixed, depth + 1));
    if (isMap(node)) return this.map(node.items as { key: unknown; value: unknown }[], pointer, fixed, depth);
    return isScalar(node) ? this.scalar(node.value, place) : null;
  }

  private map(items: { key: unknown; value: unknown }[], pointer: string, fixed: Range | null, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const item of items) {
      const keyNode = isAlias(item.key) ? item.key.resolve(this.document) : item.key;
      const place = fixed ?? rangeOf(item.key as Node) ?? { start: 0, end: 0 };
      const key = isScalar(keyNode) ? String(keyNode.value) : '';
      if (FORBIDDEN_KEYS.has(key)) this.report(place, 'forbidden_key', `the key "${key}" is not allowed`);
      else if (key === '<<') this.report(place, 'forbidden_key', 'merge keys are not supported; write the keys out');
      else if (Object.hasOwn(result, key)) this.report(place, 'duplicate_key', `the key "${key.slice(0, 80)}" stands twice in one map`);
      else result[key] = this.value((item.value as Node | null) ?? null, `${pointer}/${escapePointer(key)}`, place, fixed, depth + 1);
    }
    return result;
  }

  private scalar(value: unknown, place: Range): unknown {
    if (typeof value === 'number' && !Number.isFinite(value)) this.report(place, 'not_finite', 'this is no number that can be worked with');
    return value ?? null;
  }

  private report(place: Range, code: Problem['code'], message: string): void {
    if (this.problems.length >= MAX_SYNTAX_PROBLEMS) return;
    this.problems.push(this.source.problem(place.start, { code, message }));
  }

  private stop(place: Range, message: string): never {
    this.report(place, 'too_complex', message);
    throw new TooComplex();
  }
}

function rangeOf(node: Node | null): Range | null {
  return node?.range ? { start: node.range[0], end: node.range[1] } : null;
}

/** One step of a JSON pointer (RFC 6901). */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
