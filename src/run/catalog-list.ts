import { ADAPTERS } from '../adapters/registry.generated.ts';
import { readCachedCatalog } from '../catalog/cache.ts';
import type { Declared, Kind } from '../catalog/document.ts';
import { loadCatalog } from '../catalog/load.ts';
import { inOrder, type Problem } from '../catalog/problem.ts';
import { type ReadDocuments, readDocuments, readPackageDocuments } from '../catalog/read-documents.ts';
import { unmetNeeds } from '../catalog/runtime-fit.ts';
import type { Layer } from '../catalog/source.ts';
import type { PolicyPack, Profile, RuntimeCapabilities, RuntimeNeeds } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import type { Ceiling } from '../model/evidence.ts';
import { didYouMean } from '../model/text.ts';
import { SENDER_KINDS } from '../senders/registry.generated.ts';
import { cacheFile, cacheKey, findWorkspace, packageRoot, type WorkspaceOptions } from './locate.ts';

export const SECTIONS = ['senders', 'adapters', 'profiles', 'packs', 'runtimes'] as const;
type Section = (typeof SECTIONS)[number];

export interface CatalogListOptions extends WorkspaceOptions {
  /** One of {@link SECTIONS}; without it all of them. */
  section?: string | undefined;
}

/** What every declared document has. `declared` is null where so much is wrong with it that nothing of it counts. */
export interface Entry<T> {
  name: string;
  version: string | null;
  description: string;
  layer: Layer;
  /** Relative to the workspace; `package:` stands before what came with this package. */
  file: string;
  valid: boolean;
  declared: T | null;
}

/** A way out that is built in. */
export interface KindEntry {
  kind: string;
  summary: string;
  maxCeiling: Ceiling;
  canBeIdempotent: boolean;
  defaults: { timeLimit_ms: number; concurrency: number };
}

export interface SenderFacts {
  kind: string;
  ceiling: Ceiling;
  idempotent: boolean;
  bridge: 'inline' | 'process';
  /** Where the provider documents what the sender does; null where that is the sender's own matter. */
  source: string | null;
}

export interface ProfileFacts {
  posture: Profile['spec']['posture'];
  requires: Profile['spec']['requires'];
  packs: string[];
  /** What a binding must tie to a sender. */
  targets: string[];
  /** What else a binding must have below spec. */
  supplies: string[];
  needs: RuntimeNeeds;
  /** Declared runtimes that can do all that it needs; null where it needs nothing of them. */
  runtimes: string[] | null;
}

export interface PackFacts {
  rules: number;
  expectations: number;
  gates: number;
}

export type RuntimeFacts = RuntimeCapabilities['spec'];

/** What there is to choose from. Of the sections only those that were asked for. */
export interface CatalogList {
  /** Null: there is none here, and only what came with the package is listed. */
  workspace: string | null;
  valid: boolean;
  problems: Problem[];
  senders?: { kinds: KindEntry[]; bindings: Entry<SenderFacts>[] };
  adapters?: { name: string; summary: string }[];
  profiles?: Entry<ProfileFacts>[];
  packs?: Entry<PackFacts>[];
  runtimes?: Entry<RuntimeFacts>[];
}

/** Everything that bindings, profiles and commands may name, with what each can do. Loads no sender, and of the adapters only what it shows. */
export async function catalogList(options: CatalogListOptions): Promise<CatalogList> {
  const sections = sectionsOf(options.section);
  const workspace = workspaceOrNull(options);
  const read = await readAll(workspace, options.binding);
  const list: CatalogList = { workspace, valid: read.problems.length === 0, problems: inOrder(read.problems) };
  for (const section of sections) await addSection(section, list, read);
  return list;
}

function sectionsOf(section: string | undefined): readonly Section[] {
  if (section === undefined) return SECTIONS;
  const known = SECTIONS.find((name) => name === section);
  if (known !== undefined) return [known];
  const near = didYouMean(section, SECTIONS);
  throw new RgovError('usage', `the catalog has no section ${JSON.stringify(section.slice(0, 80))}`, {
    expected: SECTIONS.join(', '),
    hint: near === null ? 'rgov catalog --help' : `did you mean: rgov catalog ${near}`,
  });
}

function workspaceOrNull(options: WorkspaceOptions): string | null {
  if (options.workspace !== undefined) return findWorkspace(options);
  try {
    return findWorkspace(options);
  } catch (error) {
    if (error instanceof RgovError && error.kind === 'usage') return null;
    throw error;
  }
}

type Read = Pick<ReadDocuments, 'documents' | 'broken' | 'problems'>;

/** Problems of the question, which binding is meant, are none of the documents. */
const OF_THE_QUESTION: readonly Problem['code'][] = ['no_binding', 'binding_not_chosen', 'binding_not_found'];

async function readAll(workspace: string | null, bindingName: string | undefined): Promise<Read> {
  if (workspace === null) return readPackageDocuments(packageRoot());
  // Documents that have not changed since they were found valid need not be checked again.
  if (readCachedCatalog(cacheFile(workspace, bindingName), cacheKey(bindingName)) !== null) return readDocuments(workspace, packageRoot());
  const { problems, documents } = await loadCatalog({
    workspace,
    packageRoot: packageRoot(),
    bindingName,
    senderKinds: SENDER_KINDS,
    adapters: Object.keys(ADAPTERS),
  });
  return { ...documents, problems: problems.filter(({ code }) => !OF_THE_QUESTION.includes(code)) };
}

async function addSection(section: Section, list: CatalogList, read: Read): Promise<void> {
  switch (section) {
    case 'senders':
      list.senders = { kinds: Object.values(SENDER_KINDS).map(kindEntry), bindings: entries('SenderBinding', read, senderFacts) };
      return;
    case 'adapters': {
      const adapters = await Promise.all(Object.values(ADAPTERS).map((load) => load()));
      list.adapters = adapters.map(({ name, summary }) => ({ name, summary }));
      return;
    }
    case 'profiles':
      list.profiles = entries('Profile', read, (profile) => profileFacts(profile, entries('RuntimeCapabilities', read, specOf)));
      return;
    case 'packs':
      list.packs = entries('PolicyPack', read, packFacts);
      return;
    case 'runtimes':
      list.runtimes = entries('RuntimeCapabilities', read, specOf);
  }
}

const specOf = ({ value }: Declared<'RuntimeCapabilities'>): RuntimeFacts => value.spec;

function kindEntry({
  kind,
  summary,
  maxCeiling,
  canBeIdempotent,
  defaultTimeLimit_ms,
  defaultConcurrency,
}: (typeof SENDER_KINDS)[string]): KindEntry {
  return { kind, summary, maxCeiling, canBeIdempotent, defaults: { timeLimit_ms: defaultTimeLimit_ms, concurrency: defaultConcurrency } };
}

/** Documents of one kind in force, by name: those of the workspace hide those of the package. */
function entries<K extends Kind, T>(kind: K, { documents, broken, problems }: Read, factsOf: (document: Declared<K>) => T): Entry<T>[] {
  const found = new Map<string, Entry<T>>();
  const add = (entry: Entry<T>): void => {
    const known = found.get(entry.name);
    if (known === undefined || (known.layer === 'package' && entry.layer === 'workspace')) found.set(entry.name, entry);
  };
  for (const document of documents) {
    if (document.kind !== kind) continue;
    const declared = document as unknown as Declared<K>;
    const { name, source, value } = declared;
    const { version = null, description = '' } = value.metadata;
    const valid = !problems.some((problem) => isIn(problem, declared));
    add({ name, version, description, layer: source.layer, file: source.file, valid, declared: factsOf(declared) });
  }
  for (const { kind: of, name, layer, file } of broken) {
    if (of === kind) add({ name, version: null, description: '', layer, file, valid: false, declared: null });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether a problem stands between the first and the last line of a document, or is one of the whole file. */
function isIn({ file, line }: Problem, document: Declared): boolean {
  const { source } = document;
  if (file !== source.file) return false;
  const { start, end } = document.rangeOf([]) ?? { start: 0, end: source.text.length };
  const lineOf = (offset: number): number => source.text.slice(0, offset).split('\n').length;
  return line === 0 || (line >= lineOf(start) && line <= lineOf(end));
}

function senderFacts({ value: { spec } }: Declared<'SenderBinding'>): SenderFacts {
  const { kind, ceiling, idempotent, bridge = 'inline' } = spec;
  const source = spec.with?.['source'];
  return { kind, ceiling, idempotent, bridge, source: typeof source === 'string' ? source : null };
}

function profileFacts({ value: { spec } }: Declared<'Profile'>, runtimes: readonly Entry<RuntimeFacts>[]): ProfileFacts {
  const { posture, requires, needs = {}, binding: { targets = [], supplies = [] } = {} } = spec;
  const fitting = runtimes.filter(({ declared }) => declared !== null && unmetNeeds(spec, declared).length === 0).map(({ name }) => name);
  const anyWillDo = Object.keys(needs).length === 0;
  return { posture, requires, packs: [...spec.policy], targets: [...targets], supplies: [...supplies], needs, runtimes: anyWillDo ? null : fitting };
}

function packFacts({ value: { spec } }: Declared<'PolicyPack'>): PackFacts {
  const { notify = [], expect = [], gates = [] }: PolicyPack['spec'] = spec;
  return { rules: notify.length, expectations: expect.length, gates: gates.length };
}
