import type { Catalog } from '../model/catalog.ts';
import type { CatalogInputs } from './cache.ts';
import { chooseBinding } from './choose-binding.ts';
import { Declarations } from './declarations.ts';
import type { Declared } from './document.ts';
import { inOrder, type Problem } from './problem.ts';
import { type ReadDocuments, readDocuments } from './read-documents.ts';
import { resolveCatalog } from './resolve.ts';
import { checkConditions } from './rules/conditions.ts';
import { checkDurations } from './rules/durations.ts';
import { checkEscalation } from './rules/escalation.ts';
import { checkEvidence } from './rules/evidence.ts';
import { checkExpectationKeys } from './rules/expectation-keys.ts';
import { checkExpectationTypes } from './rules/expectation-types.ts';
import { checkFallbacks } from './rules/fallbacks.ts';
import { checkGates } from './rules/gates.ts';
import { checkLeeway } from './rules/leeway.ts';
import { checkNames } from './rules/names.ts';
import { checkPromises } from './rules/promises.ts';
import { checkReferences } from './rules/references.ts';
import { checkRuntime } from './rules/runtime.ts';
import { checkSchedules } from './rules/schedules.ts';
import { checkSettings } from './rules/settings.ts';
import { checkSources } from './rules/sources.ts';
import { checkWatchdog } from './rules/watchdog.ts';
import type { SenderKindInfo } from './sender-kinds.ts';
import { type Warning, warningsFor } from './warnings.ts';

export type { SenderKindInfo } from './sender-kinds.ts';

export interface LoadOptions {
  /** Folder of the deployment; its documents come first. */
  workspace: string;
  /** Folder of this package; what the workspace does not declare is looked up here. */
  packageRoot: string;
  /** Name of the RuntimeBinding; without it the only one, or the one called `default`. */
  bindingName?: string | undefined;
  /** The built-in senders, by kind. */
  senderKinds: Readonly<Record<string, SenderKindInfo>>;
  /** Names of the built-in adapters. */
  adapters: readonly string[];
}

export interface LoadedCatalog {
  /** Null if there is any problem. */
  catalog: Catalog | null;
  /** All problems of all documents, in force or not, in order of file and line. */
  problems: Problem[];
  /** Packs of the workspace that the profile in force does not name, each with its file: what they ask for happens to nobody. */
  notInForce: { name: string; file: string }[];
  /** Of the binding in force; empty if there is any problem. */
  warnings: Warning[];
  inputs: CatalogInputs;
  /** All documents, those that could not be read at all included. */
  documents: Pick<ReadDocuments, 'documents' | 'broken'>;
}

/** Reads, checks and resolves the declared documents of a workspace. Never throws because of what they say. */
export async function loadCatalog({ workspace, packageRoot, bindingName, senderKinds, adapters }: LoadOptions): Promise<LoadedCatalog> {
  const { documents, broken, problems: readProblems, inputs } = await readDocuments(workspace, packageRoot);
  const declarations = new Declarations(documents, broken, { kinds: senderKinds, adapters });
  const problems = [
    ...readProblems,
    ...checkNames(declarations),
    ...checkReferences(declarations),
    ...checkPromises(declarations),
    ...checkDurations(declarations),
    ...checkConditions(declarations),
    ...checkEscalation(declarations),
    ...checkFallbacks(declarations),
    ...checkExpectationKeys(declarations),
    ...checkExpectationTypes(declarations),
    ...checkSchedules(declarations),
    ...checkLeeway(declarations),
    ...checkWatchdog(declarations),
    ...checkSources(declarations),
    ...checkGates(declarations),
    ...checkRuntime(declarations),
    ...(await checkSettings(declarations)),
    ...declarations.all('RuntimeBinding').flatMap((binding) => checkEvidence(binding, declarations)),
  ];
  const chosen = chooseBinding(bindingName, declarations);
  if (chosen !== null && 'message' in chosen) problems.push(chosen);
  const isValid = problems.length === 0 && chosen !== null && !('message' in chosen);
  const notInForce = isValid ? packsNotInForce(chosen, declarations) : [];
  return {
    catalog: isValid ? resolveCatalog(chosen, declarations) : null,
    problems: inOrder(problems),
    notInForce,
    warnings: isValid ? warningsFor(chosen, declarations) : [],
    inputs,
    documents: { documents, broken },
  };
}

function packsNotInForce(binding: Declared<'RuntimeBinding'>, declarations: Declarations): LoadedCatalog['notInForce'] {
  const named = declarations.find('Profile', binding.value.spec.profile)?.value.spec.policy ?? [];
  return declarations
    .all('PolicyPack')
    .filter(({ name, source }) => source.layer === 'workspace' && !named.includes(name))
    .map(({ name, source }) => ({ name, file: source.file }));
}
