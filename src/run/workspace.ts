import { isAbsolute, join } from 'node:path';
import { readCachedCatalog } from '../catalog/cache.ts';
import type { Catalog } from '../model/catalog.ts';
import { Layout } from '../store/layout.ts';
import { cacheFile, cacheKey, findWorkspace, type WorkspaceOptions } from './locate.ts';

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
