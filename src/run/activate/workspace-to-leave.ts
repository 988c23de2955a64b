import type { Catalog } from '../../model/catalog.ts';
import { RgovError } from '../../model/errors.ts';
import { Layout } from '../../store/layout.ts';
import { findWorkspace, type WorkspaceOptions } from '../locate.ts';
import { openLastValidWorkspace, type Workspace } from '../workspace.ts';

/**
 * A workspace of which something is to be taken out, whatever has become of its documents: as it is, as it was when it was valid last, or,
 * where the binding is named, one of which nothing is known but that name.
 */
export async function workspaceToLeave(options: WorkspaceOptions): Promise<Workspace> {
  try {
    return (await openLastValidWorkspace(options)).workspace;
  } catch (error) {
    if (!(error instanceof RgovError) || error.kind !== 'invalid_documents') throw error;
    if (options.binding === undefined)
      throw new RgovError(error.kind, error.message, {
        details: error.details,
        hint: 'name the binding, and it is taken out all the same: --binding NAME',
        cause: error,
      });
    const root = findWorkspace(options);
    const catalog = catalogOfName(options.binding);
    return { root, catalog, layout: new Layout(root) };
  }
}

function catalogOfName(binding: string): Catalog {
  return {
    digest: '',
    binding,
    profile: '',
    posture: 'observe',
    requires: 'acknowledged',
    state: 'state',
    rules: [],
    gates: [],
    targets: {},
    senders: {},
    expectations: [],
    schedule: null,
    gapAfter_ms: null,
    heartbeat: null,
    sources: [],
    acknowledge: null,
    seal: null,
    activation: {},
  };
}
