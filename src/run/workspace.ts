import { isAbsolute, join } from 'node:path';
import { readCachedCatalog } from '../catalog/cache.ts';
import type { Catalog } from '../model/catalog.ts';
import { RgovError } from '../model/errors.ts';
import { Layout } from '../store/layout.ts';
import { cacheFile, cacheKey, findWorkspace, type WorkspaceOptions } from './locate.ts';
import type { Problem } from './validate.ts';

/** A workspace whose documents are valid, ready for work. */
export interface Workspace {
  root: string;
  catalog: Catalog;
  layout: Layout;
}

/** A loaded or cached catalog, and where it came from. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const root = findWorkspace(options);
  const catalog = cachedCatalog(root, options.binding) ?? (await loadValidCatalog(root, options.binding));
  return workspaceWith(root, catalog);
}

/** The workspace if its documents are those of the last time; needs nothing but a few small files. */
export function openUnchangedWorkspace(options: WorkspaceOptions): Workspace | null {
  const root = findWorkspace(options);
  const catalog = cachedCatalog(root, options.binding);
  return catalog && workspaceWith(root, catalog);
}

/**
 * The workspace as it was before its documents were edited, and what is wrong with them now; no problems if they are valid.
 * Throws what {@link openWorkspace} throws where no valid catalog is remembered.
 */
export async function openLastValidWorkspace(options: WorkspaceOptions): Promise<{ workspace: Workspace; problems: Problem[] }> {
  try {
    return { workspace: await openWorkspace(options), problems: [] };
  } catch (error) {
    if (!(error instanceof RgovError) || error.kind !== 'invalid_documents' || !Array.isArray(error.details)) throw error;
    const problems = error.details as Problem[];
    // Nothing may be wrong with the documents then, only with the question.
    if (problems.every(({ code }) => code === 'binding_not_chosen')) throw error;
    const { lastValidCatalog } = await import('./last-valid.ts');
    const root = findWorkspace(options);
    const catalog = lastValidCatalog(root, options.binding);
    if (catalog === null) throw error;
    return { workspace: workspaceWith(root, catalog), problems };
  }
}

function workspaceWith(root: string, catalog: Catalog): Workspace {
  return { root, catalog, layout: new Layout(isAbsolute(catalog.state) ? catalog.state : join(root, catalog.state)) };
}

function cachedCatalog(root: string, binding: string | undefined): Catalog | null {
  return readCachedCatalog(cacheFile(root, binding), cacheKey(binding));
}

async function loadValidCatalog(root: string, binding: string | undefined): Promise<Catalog> {
  const { loadForWork } = await import('./validate.ts');
  return loadForWork(root, binding);
}
