import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RgovError } from '../model/errors.ts';

export interface WorkspaceOptions {
  /** Absolute or relative to the current folder; without it the nearest folder upwards that holds `bindings/`. */
  workspace?: string | undefined;
  /** Name of the RuntimeBinding; without it the only one, or the one called `default`. */
  binding?: string | undefined;
}

/** `from` is where the search upwards begins if no folder is named. */
export function findWorkspace({ workspace }: WorkspaceOptions, from = process.cwd()): string {
  if (workspace !== undefined) {
    const root = resolve(workspace);
    if (existsSync(root)) return root;
    throw new RgovError('usage', `there is no folder ${root}`, { hint: `rgov init ${workspace}` });
  }
  for (let folder = from; ; folder = dirname(folder)) {
    if (hasRuntimeBindings(folder)) return folder;
    if (dirname(folder) === folder) break;
  }
  throw new RgovError('usage', `no workspace here: neither ${from} nor a folder above it holds bindings/*.yaml`, {
    hint: 'rgov init my-workspace   (or name one: rgov -C DIR ...)',
  });
}

function hasRuntimeBindings(folder: string): boolean {
  try {
    return readdirSync(join(folder, 'bindings')).some((name) => /\.ya?ml$/.test(name));
  } catch {
    return false;
  }
}

let ownRoot: string | undefined;

/** The folder of this package: schemas, policy packs, profiles and sender bindings lie in it. */
export function packageRoot(): string {
  if (ownRoot === undefined) {
    let folder = dirname(fileURLToPath(import.meta.url));
    while (!existsSync(join(folder, 'package.json'))) {
      if (dirname(folder) === folder) throw new RgovError('internal', 'the package is not whole: no package.json stands above its program');
      folder = dirname(folder);
    }
    ownRoot = folder;
  }
  return ownRoot;
}

export function packageVersion(): string {
  return String(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version);
}

export const cacheKey = (binding: string | undefined): { version: string; bindingName: string | undefined } => ({
  version: packageVersion(),
  bindingName: binding,
});

/** The catalog as it was resolved last. */
export const cacheFile = (root: string, binding: string | undefined): string => ownFile(root, 'catalog', binding);

/** That nothing is to be done, as an idle pass found it last. */
export const idleStampFile = (root: string, binding: string | undefined): string => ownFile(root, 'idle', binding);

function ownFile(root: string, name: string, binding: string | undefined): string {
  return join(root, '.cache', binding === undefined ? `${name}.json` : `${name}-${binding.replace(/[^a-z0-9-]/g, '-')}.json`);
}
