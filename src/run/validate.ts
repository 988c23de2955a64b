import { ADAPTERS } from '../adapters/registry.generated.ts';
import { writeCachedCatalog } from '../catalog/cache.ts';
import { loadCatalog } from '../catalog/load.ts';
import type { Problem } from '../catalog/problem.ts';
import type { Warning } from '../catalog/warnings.ts';
import type { Catalog } from '../model/catalog.ts';
import { RgovError } from '../model/errors.ts';
import { SENDER_KINDS } from '../senders/registry.generated.ts';
import { cacheFile, cacheKey, findWorkspace, packageRoot, type WorkspaceOptions } from './locate.ts';

export type { Problem } from '../catalog/problem.ts';

export interface ValidationReport {
  problems: Problem[];
  catalog: Catalog | null;
  /** Packs of the workspace that the profile in force does not name. */
  notInForce: { name: string; file: string }[];
  /** What is valid and may still be not what was meant. */
  warnings: Warning[];
  /** How many documents were checked. */
  documents: number;
}

/** Every problem of every declared document, in one run. */
export async function validate(options: WorkspaceOptions): Promise<ValidationReport> {
  const { problems, catalog, notInForce, warnings, inputs } = await load(findWorkspace(options), options.binding);
  return { problems, catalog, notInForce, warnings, documents: inputs.documents.length };
}

/** The catalog to work with, remembered for the next start. Throws `invalid_documents` with all problems if there is any. */
export async function loadForWork(root: string, binding: string | undefined): Promise<Catalog> {
  const { problems, catalog, inputs } = await load(root, binding);
  if (problems.length > 0 || catalog === null) {
    throw new RgovError(
      'invalid_documents',
      `the declared documents have ${problems.length} problem${problems.length === 1 ? '' : 's'}; nothing was done`,
      {
        hint: 'mend them and check with: rgov validate',
        details: problems,
      },
    );
  }
  writeCachedCatalog(cacheFile(root, binding), cacheKey(binding), catalog, inputs);
  return catalog;
}

const load = (workspace: string, bindingName: string | undefined) =>
  loadCatalog({ workspace, packageRoot: packageRoot(), bindingName, senderKinds: SENDER_KINDS, adapters: Object.keys(ADAPTERS) });
