import { realpathSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Catalog } from '../../model/catalog.ts';
import { RgovError } from '../../model/errors.ts';
import { sha256 } from '../../model/hash.ts';
import { packageRoot } from '../locate.ts';
import type { Workspace } from '../workspace.ts';
import { searchPath } from './programs.ts';
import type { Owner } from './stamp.ts';

/** Everything that a kind may know of the deployment and of this machine. */
export interface Site {
  /** Absolute, without links: the same workspace has one name only. */
  root: string;
  /** Absolute. */
  state: string;
  catalog: Catalog;
  owner: Owner;
  /** Tells this binding of this workspace from all others on this machine: `default-1a2b3c4d`. Letters, digits and dashes. */
  slug: string;
  /** Absolute. */
  node: string;
  /** Absolute: the program that node runs. */
  program: string;
  /** What PATH has to say: the folders of node and of the programs that the binding names, then the usual ones. */
  path: string;
  user: { name: string; uid: number; home: string };
  /** Of this process; only a kind's own settings are read from it. */
  env: NodeJS.ProcessEnv;
  options: SiteOptions;
}

export interface SiteOptions {
  /** One process that stays, instead of passes. */
  watch: boolean;
  scope: string | undefined;
}

const SLUG_HASH_LENGTH = 8;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROLS = /[\u0000-\u001f\u007f]/;

export function siteOf({ root: given, layout, catalog }: Workspace, options: SiteOptions, env: NodeJS.ProcessEnv = process.env): Site {
  const root = realpathSync(given);
  if (CONTROLS.test(root))
    throw new RgovError('usage', 'the path of this workspace holds a control character, which no crontab and no unit can name', {
      hint: 'mv it to a path without newlines and tabs',
    });
  const owner = { binding: catalog.binding, workspace: root };
  const site: Site = {
    root,
    state: layout.root,
    catalog,
    owner,
    slug: `${catalog.binding.replace(/[^A-Za-z0-9]+/g, '-')}-${sha256(`${catalog.binding}\n${root}`).slice(0, SLUG_HASH_LENGTH)}`,
    node: process.execPath,
    program: join(packageRoot(), 'dist', 'rgov.cjs'),
    path: searchPath(catalog, root, env['PATH'] ?? ''),
    user: whoRuns(env),
    env,
    options,
  };
  for (const [name, text] of [['PATH', site.path] as const, ['HOME', site.user.home] as const, ['node', site.node] as const])
    if (CONTROLS.test(text))
      throw new RgovError(
        'usage',
        `${name} holds a control character, which no crontab and no unit can name: ${JSON.stringify(text).slice(0, 200)}`,
        {
          hint: name === 'node' ? 'install node under a path without newlines and tabs' : `echo "$${name}"`,
        },
      );
  return site;
}

/** In a container, the user may have a number and no name. */
function whoRuns(env: NodeJS.ProcessEnv): Site['user'] {
  const home = env['HOME'] ?? homedir();
  try {
    const { username, uid } = userInfo();
    return { name: username, uid, home };
  } catch {
    const uid = process.getuid?.() ?? -1;
    return { name: `user ${uid}`, uid, home };
  }
}

/** Node, the program, the workspace and the binding, in front of a command: `[...rgov(site), 'reconcile', '--quiet']`. */
export const rgovArgv = ({ node, program, root, catalog }: Site): string[] => [node, program, '-C', root, '--binding', catalog.binding];
