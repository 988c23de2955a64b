import { existsSync, lstatSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { STAGES } from '../../model/artifacts.ts';
import type { Catalog } from '../../model/catalog.ts';
import { RgovError } from '../../model/errors.ts';
import { Layout } from '../../store/layout.ts';
import { lastValidCatalog } from '../last-valid.ts';
import { findWorkspace, type WorkspaceOptions } from '../locate.ts';
import { openUnchangedWorkspace } from '../workspace.ts';

export interface PlaceOptions extends WorkspaceOptions {
  /** The folder of the artifacts itself; then no documents are needed. */
  state?: string | undefined;
  /** Relative to the current folder. */
  allowedSigners?: string | undefined;
}

/** What is verified, and with whose signatures. */
export interface Place {
  layout: Layout;
  /** A file as ssh-keygen(1) describes it; null where none is declared. */
  allowedSigners: string | null;
  /** What is wrong with the documents; null if nothing is, or if they were not asked. */
  documents: string | null;
}

/** A damaged workspace must be verifiable, too: what its documents said last counts, and without that the folder that `rgov init` makes. */
export async function findPlace(options: PlaceOptions): Promise<Place> {
  if (options.state !== undefined) {
    const root = resolve(options.state);
    return { layout: layoutAt(root), allowedSigners: signersFile(options, null, ''), documents: null };
  }
  const root = findWorkspace(options);
  const { catalog, documents } = await catalogOf(root, options);
  const layout = layoutAt(catalog === null ? join(root, 'state') : within(root, catalog.state));
  return { layout, allowedSigners: signersFile(options, catalog, root), documents };
}

async function catalogOf(root: string, options: PlaceOptions): Promise<{ catalog: Catalog | null; documents: string | null }> {
  const unchanged = openUnchangedWorkspace(options);
  if (unchanged) return { catalog: unchanged.catalog, documents: null };
  // Not openWorkspace: that remembers what it has read, and here nothing is written.
  const { validate } = await import('../validate.ts');
  const { catalog, problems } = await validate(options);
  if (catalog !== null && problems.length === 0) return { catalog, documents: null };
  if (problems.length > 0 && problems.every(({ code }) => code === 'binding_not_chosen')) {
    throw new RgovError('invalid_documents', problems[0]?.message ?? '', {
      hint: 'rgov verify --binding NAME   (or: --state DIR)',
      details: problems,
    });
  }
  const last = lastValidCatalog(root, options.binding);
  const seen = last === null ? 'what is verified is ./state' : `what is verified is the state of binding ${last.binding} as it was valid last`;
  return { catalog: last, documents: `the declared documents have ${problems.length} problem${problems.length === 1 ? '' : 's'}; ${seen}` };
}

const within = (root: string, path: string): string => (isAbsolute(path) ? path : join(root, path));

function layoutAt(root: string): Layout {
  const stat = lstatSync(root, { throwIfNoEntry: false });
  if (!stat) throw new RgovError('not_found', `there is no folder ${root}`, { hint: 'rgov verify --state DIR' });
  const layout = new Layout(root);
  const known = [...STAGES.map((stage) => layout.stage(stage)), layout.seals, layout.archives, layout.lastPass, layout.bell];
  if (known.some((path) => existsSync(path))) return layout;
  throw new RgovError('not_found', `${root} is no state folder: it holds neither events nor seals`, { hint: 'rgov verify --state DIR' });
}

function signersFile({ allowedSigners }: PlaceOptions, catalog: Catalog | null, root: string): string | null {
  const declared = catalog?.seal?.allowedSignersFile ?? null;
  const file = allowedSigners !== undefined ? resolve(allowedSigners) : declared === null ? null : within(root, declared);
  if (file === null || existsSync(file)) return file;
  throw new RgovError('usage', `there is no file of allowed signers ${file}`, {
    expected: 'a file as ssh-keygen(1) describes it under ALLOWED SIGNERS',
    hint: 'rgov verify --allowed-signers FILE',
  });
}
