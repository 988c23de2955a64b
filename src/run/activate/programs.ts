import { accessSync, constants, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { Catalog } from '../../model/catalog.ts';
import { isSecretRef } from '../../model/secret.ts';

/** Where Debian, Fedora and the rest keep programs. */
const USUAL = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Programs that are run for this binding, as they are written there; a name without a slash is found by PATH. */
export function programsOf({ sources, senders, heartbeat, acknowledge }: Catalog): string[] {
  const asked = sources.flatMap(({ from }) => (from.kind === 'command' ? from.argv.slice(0, 1) : []));
  const sent = Object.values(senders).flatMap(({ kind, config }) => programOfSender(kind, config));
  const secrets = [Object.values(senders).map(({ config }) => config), sources, heartbeat, acknowledge].flatMap(programsOfSecrets);
  return [...new Set([...asked, ...sent, ...secrets])].sort();
}

function programOfSender(kind: string, config: Record<string, unknown>): string[] {
  const { argv, program } = config as { argv?: string[]; program?: string };
  if (kind === 'command' || kind === 'openclaw') return [argv?.[0] ?? kind];
  return kind === 'apprise' ? [program ?? kind] : [];
}

function programsOfSecrets(value: unknown): string[] {
  if (isSecretRef(value)) return 'command' in value ? value.command.slice(0, 1) : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(programsOfSecrets);
}

/**
 * A PATH by which these programs are found without anybody's shell: first the folders in which they are found now, beyond the usual
 * ones, so that whoever looks again with this PATH comes to the same one.
 */
export function searchPath(catalog: Catalog, root: string, path: string): string {
  const folders = path.split(':').filter(isAbsolute);
  const extra = programsOf(catalog).flatMap((program) => {
    if (program.includes('/')) return [];
    const found = folders.find((folder) => isProgram(join(folder, program), root));
    return found === undefined ? [] : [found];
  });
  const beyond = [...extra, dirname(process.execPath)].filter((folder) => !USUAL.includes(folder));
  return [...new Set(beyond), ...USUAL].join(':');
}

function isProgram(path: string, root: string): boolean {
  const file = isAbsolute(path) ? path : join(root, path);
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
