import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { API_VERSION } from '../model/artifacts.ts';
import validatePolicyPack from '../model/generated/validate-policy-pack.js';
import validateProfile from '../model/generated/validate-profile.js';
import validateRuntimeBinding from '../model/generated/validate-runtime-binding.js';
import validateRuntimeCapabilities from '../model/generated/validate-runtime-capabilities.js';
import validateSenderBinding from '../model/generated/validate-sender-binding.js';
import { didYouMean } from '../model/text.ts';
import type { CatalogInputs } from './cache.ts';
import { checkSchema, wholeDocument } from './check-schema.ts';
import { type Declared, declared, type Kind, Located } from './document.ts';
import { findFiles, inFile } from './find-files.ts';
import { type ParsedDocument, parseYaml } from './parse-yaml.ts';
import { parsedAtBuild } from './parsed-at-build.ts';
import type { Problem } from './problem.ts';
import { readDocumentFile } from './read-file.ts';
import { findSecrets } from './rules/secrets.ts';
import { type Layer, Source } from './source.ts';
import { withoutFaults } from './without-faults.ts';
import { describeValue } from './words.ts';

const VALIDATORS: Record<Kind, ValidateFunction> = {
  PolicyPack: validatePolicyPack,
  Profile: validateProfile,
  SenderBinding: validateSenderBinding,
  RuntimeBinding: validateRuntimeBinding,
  RuntimeCapabilities: validateRuntimeCapabilities,
};
const KINDS = Object.keys(VALIDATORS) as Kind[];

/** A document that is not valid, as far as it says what it is: nobody should be told that it is missing. */
export interface BrokenDocument {
  kind: Kind;
  name: string;
  layer: Layer;
  /** As problems show it. */
  file: string;
}

export interface ReadDocuments {
  documents: Declared[];
  broken: BrokenDocument[];
  problems: Problem[];
  inputs: CatalogInputs;
}

/** Reads every declared document of the workspace and of the package, and checks each by itself. */
export async function readDocuments(workspace: string, packageRoot: string): Promise<ReadDocuments> {
  const read: ReadDocuments = { documents: [], broken: [], problems: [], inputs: { workspace: resolve(workspace), folders: [], documents: [] } };
  const seen = new Set<string>();
  await readLayer('workspace', resolve(workspace), seen, read);
  if (realPath(workspace) !== realPath(packageRoot)) await readLayer('package', resolve(packageRoot), seen, read);
  return read;
}

/** The documents of the package alone, where there is no workspace. */
export async function readPackageDocuments(packageRoot: string): Promise<ReadDocuments> {
  const read: ReadDocuments = { documents: [], broken: [], problems: [], inputs: { workspace: resolve(packageRoot), folders: [], documents: [] } };
  await readLayer('package', resolve(packageRoot), new Set(), read);
  return read;
}

async function readLayer(layer: Layer, root: string, seen: Set<string>, read: ReadDocuments): Promise<void> {
  const prefix = layer === 'package' ? 'package:' : '';
  const found = await findFiles(root, prefix);
  read.inputs.folders.push(...found.folders);
  read.problems.push(...found.problems);
  for (const name of found.files) {
    const path = join(root, name);
    const content = readDocumentFile(path);
    if (!content.ok) {
      read.problems.push(inFile(content.code, prefix + name, content.message));
      continue;
    }
    read.inputs.documents.push({ path, bytes: content.bytes });
    // One file under two names is read once.
    if (seen.has(content.identity)) continue;
    seen.add(content.identity);
    readFile({ name, layer, bytes: content.bytes }, read);
  }
}

function readFile(file: { name: string; layer: Layer; bytes: Uint8Array }, read: ReadDocuments): void {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(file.bytes);
  } catch {
    read.problems.push(inFile('not_utf8', (file.layer === 'package' ? 'package:' : '') + file.name, 'the file is not UTF-8'));
    return;
  }
  const source = new Source({ ...file, text });
  const { documents, problems } = parsedAtBuild(file.bytes) ?? parseYaml(source);
  // Secrets first: whatever else is wrong must not show them.
  const located = documents.map((parsed) => ({ parsed, document: new Located(source, parsed) }));
  const secrets = located.map(({ document }) => findSecrets(document));
  read.problems.push(...problems);
  if (problems.length > 0) read.broken.push(...namedIn(source));
  // An emptied file would otherwise let the package's document of the same name take over without a word.
  else if (documents.length === 0)
    read.problems.push(
      inFile('not_a_document', (file.layer === 'package' ? 'package:' : '') + file.name, 'the file declares nothing; remove it if that is meant'),
    );
  for (const [index, { parsed, document }] of located.entries()) readDocument(parsed, document, secrets[index] ?? [], read);
}

/** What a file that YAML cannot make sense of probably declares, so that nobody is told that it is missing as well. */
function namedIn({ text, layer, file }: Source): BrokenDocument[] {
  const kinds = KINDS.filter((kind) => new RegExp(`\\bkind["']?:\\s*["']?${kind}\\b`).test(text));
  const names = [...text.matchAll(/\bname["']?:\s*["']?([a-z0-9-]{1,63})/g)].map(([, name = '']) => name).slice(0, 100);
  return kinds.flatMap((kind) => names.map((name) => ({ kind, name, layer, file })));
}

function readDocument(parsed: ParsedDocument, document: Located, secrets: readonly Problem[], read: ReadDocuments): void {
  const { source } = document;
  // The package's own deployment is nobody else's.
  const kind = kindOf(document.value);
  if (source.layer === 'package' && kind === 'RuntimeBinding') return;
  const problems = kind === null ? [unknownKind(document)] : checkKind(kind, document);
  read.problems.push(...secrets, ...problems);
  const name = nameOf(document.value);
  if (kind === null || name === null) return;
  // Without what is wrong with it, the rest of a document can often be checked against the others in the same run.
  const checked = problems.length === 0 ? parsed : withoutFaults(VALIDATORS[kind], parsed);
  if (checked === null) read.broken.push({ kind, name, layer: source.layer, file: source.file });
  else read.documents.push(declared(kind, name, source, checked));
}

function checkKind(kind: Kind, document: Located): Problem[] {
  const version = (document.value as { apiVersion?: unknown }).apiVersion;
  const problems = checkSchema(VALIDATORS[kind], wholeDocument(document));
  if (version === undefined || version === API_VERSION) return problems;
  const wrongVersion = document.at(['apiVersion'], {
    code: 'unknown_api_version',
    message: `apiVersion is ${describeValue(version)}`,
    expected: API_VERSION,
    ...(typeof version === 'string' && didYouMean(version, [API_VERSION]) ? { suggestion: API_VERSION } : {}),
  });
  return [wrongVersion, ...problems.filter(({ line, column }) => line !== wrongVersion.line || column !== wrongVersion.column)];
}

function unknownKind(document: Located): Problem {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return document.at([], {
      code: 'not_a_document',
      message: `the document is ${describeValue(value)}`,
      expected: 'a map with apiVersion, kind, metadata and spec',
    });
  }
  const { kind } = value as { kind?: unknown };
  const expected = `one of ${KINDS.join(', ')}`;
  if (kind === undefined) {
    const near = Object.keys(value).find((key) => didYouMean(key, ['kind']) !== null);
    if (near === undefined) return document.at([], { code: 'missing_key', message: 'the key "kind" is missing', expected });
    return document.atKey([near], { code: 'unknown_key', message: `unknown key "${near}"`, expected: `kind: ${expected}`, suggestion: 'kind' });
  }
  const suggestion = typeof kind === 'string' ? didYouMean(kind, KINDS) : null;
  return document.at(['kind'], {
    code: 'unknown_kind',
    message: `kind is ${describeValue(kind)}`,
    expected,
    ...(suggestion === null ? {} : { suggestion }),
  });
}

function kindOf(value: unknown): Kind | null {
  const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined;
  return KINDS.find((known) => known === kind) ?? null;
}

function nameOf(value: unknown): string | null {
  const { metadata } = value as { metadata?: { name?: unknown } | null };
  return typeof metadata === 'object' && metadata !== null && typeof metadata.name === 'string' ? metadata.name : null;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
