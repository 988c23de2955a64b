import { lstatSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { messageOf, RgovError } from '../../model/errors.ts';
import { isSecretRef, type SecretRef } from '../../model/secret.ts';
import { secretResolver } from '../host.ts';
import type { Workspace } from '../workspace.ts';
import { type CheckResult, type Finding, fine, resultOf } from './check.ts';

type Found = Omit<Finding, 'check'>;

const OTHERS_READ = 0o004;

/** A reference, and what needs it. */
interface Needed {
  reference: SecretRef;
  by: string;
}

/** Whether every secret that the binding refers to is there for this process, and its file readable for nobody else. No secret is shown. */
export function checkSecrets({ root, catalog }: Workspace, env: NodeJS.ProcessEnv = process.env): CheckResult {
  const needed = [
    ...Object.values(catalog.senders).flatMap(({ name, config }) => referencesIn(config, `sender ${name}`)),
    ...referencesIn(catalog.heartbeat, 'the heartbeat'),
    ...referencesIn(catalog.acknowledge, 'acknowledgement links'),
  ];
  const key = catalog.seal?.keyFile;
  const found = [...needed.flatMap((item) => [...unresolved(item, root, env), ...openFile(item, root)]), ...(key ? keyFile(key, root) : [])];
  if (needed.length === 0 && !key) return fine('secrets', 'the binding needs none');
  return resultOf('secrets', `${needed.length + (key ? 1 : 0)} of the binding, all there`, found);
}

function referencesIn(value: unknown, by: string): Needed[] {
  if (isSecretRef(value)) return [{ reference: value, by }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((inner) => referencesIn(inner, by));
}

function unresolved({ reference, by }: Needed, root: string, env: NodeJS.ProcessEnv): Found[] {
  try {
    secretResolver(root, env)(reference);
    return [];
  } catch (error) {
    const hint = error instanceof RgovError ? error.hint : undefined;
    const where = 'env' in reference ? '; what cron and systemd start sees none of your shell: {file: PATH} works everywhere' : '';
    return [{ problem: `${by}: ${messageOf(error)}`, mend: `${hint ?? 'see the binding'}${where}` }];
  }
}

function openFile({ reference, by }: Needed, root: string): Found[] {
  return 'file' in reference ? readableByOthers(reference.file, root, by) : [];
}

function keyFile(file: string, root: string): Found[] {
  const path = isAbsolute(file) ? file : join(root, file);
  if (!lstatSync(path, { throwIfNoEntry: false }))
    return [{ problem: `the key that seals are signed with is not there: ${file}`, mend: `ssh-keygen -t ed25519 -f ${path} -N ''` }];
  // The public half of a key that an agent holds is nobody's secret.
  return file.endsWith('.pub') ? [] : readableByOthers(file, root, 'the key that seals are signed with');
}

function readableByOthers(file: string, root: string, by: string): Found[] {
  const path = isAbsolute(file) ? file : join(root, file);
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && (stat.mode & OTHERS_READ) !== 0 ? [{ problem: `${by}: everybody on this machine can read ${file}`, mend: `chmod 600 ${path}` }] : [];
}
