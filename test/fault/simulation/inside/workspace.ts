/// <reference path="./world.d.ts" />
import type { Catalog } from '../../../../src/model/catalog.ts';
import type { Workspace } from '../../../../src/run/workspace.ts';
import { Layout } from '../../../../src/store/layout.ts';

// Stands in for src/run/workspace.ts: the documents of a simulated deployment are resolved already.

const ROOT = '/sim';

let text = '';
let catalog: Catalog;

export function openUnchangedWorkspace(): Workspace {
  const declared = __simulation.catalog();
  if (declared !== text) {
    text = declared;
    catalog = JSON.parse(declared) as Catalog;
  }
  return { root: ROOT, catalog, layout: new Layout(`${ROOT}/state`) };
}

export async function openWorkspace(): Promise<Workspace> {
  return openUnchangedWorkspace();
}

export async function openLastValidWorkspace(): Promise<{ workspace: Workspace; problems: [] }> {
  return { workspace: openUnchangedWorkspace(), problems: [] };
}
