import { isAbsolute, join, relative } from 'node:path';
import { isSecretRef } from '../../../model/secret.ts';
import { programsOf } from '../programs.ts';
import { secretsOf } from '../secrets.ts';
import type { Site } from '../site.ts';
import { unitValue } from './words.ts';

export interface Hardening {
  lines: string[];
  /** What was left out, and why. */
  warnings: string[];
}

/** Whatever manager runs it, and without a view of the file system of its own. */
const ANYWHERE = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'RestrictRealtime=yes',
  'RestrictNamespaces=yes',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallErrorNumber=EPERM',
  // AF_NETLINK: the resolver of the C library asks which addresses this machine has.
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
];

/*
 * Not among them, as a pass needs what they take: MemoryDenyWriteExecute (V8 compiles), ProtectProc and ProcSubset (a claim's owner is
 * looked for in /proc, whoever it belongs to, and the boot id is read there), RestrictSUIDSGID (folders of a shared state inherit their
 * group), PrivateNetwork and PrivateUsers (senders, owners of files), UMask (messages in a folder are for others to read).
 */
const SYSTEM_ONLY = [
  'PrivateDevices=yes',
  'ProtectClock=yes',
  'ProtectControlGroups=yes',
  'ProtectHostname=yes',
  'ProtectKernelLogs=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelTunables=yes',
];

/** What is true for this binding: it may write where it has to and nowhere else, unless it runs programs of the operator's. */
export function hardeningOf(site: Site, scope: 'user' | 'system', asRoot: boolean): Hardening {
  const programs = programsOf(site.catalog);
  if (programs.length > 0) {
    const lines = scope === 'system' ? ['ProtectSystem=full', 'ProtectControlGroups=yes'] : [];
    const why = `this binding runs programs of yours (${programs.join(', ')}), and nobody here knows what those need: only ${lines.length === 0 ? 'nothing' : '/usr, /boot and /etc'} is kept from being written, and all other hardening is left out`;
    return { lines, warnings: [why] };
  }
  if (scope === 'user')
    return {
      lines: ANYWHERE,
      warnings: [
        'ProtectSystem and PrivateTmp are left out: what runs for a user needs user namespaces for them, which not every system allows; --scope system has them',
      ],
    };
  const needed = pathsNeeded(site);
  const inTmp = needed.filter((path) => isBelow(path, '/tmp') || isBelow(path, '/var/tmp'));
  const inHome = needed.some((path) => ['/home', '/root', '/run/user'].some((folder) => isBelow(path, folder)));
  return {
    lines: [
      ...ANYWHERE,
      ...SYSTEM_ONLY,
      'ProtectSystem=strict',
      `ProtectHome=${inHome ? 'read-only' : 'yes'}`,
      ...(inTmp.length === 0 ? ['PrivateTmp=yes'] : []),
      // Root needs these for files that others have dropped or handed on; everybody else has none to lose.
      `CapabilityBoundingSet=${asRoot ? 'CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL' : ''}`,
      ...writtenPaths(site).map((path) => `ReadWritePaths=${unitValue(`-${path}`)}`),
    ],
    warnings: inTmp.length === 0 ? [] : [`PrivateTmp is left out, as this lies there: ${inTmp.join(', ')}`],
  };
}

/** Where a pass writes, without what lies below another one of them. Folders that are not there must be made by hand outside of the workspace. */
function writtenPaths(site: Site): string[] {
  const { catalog, root, state } = site;
  const folders = Object.values(catalog.senders).flatMap(({ kind, config }) => (kind === 'file' ? [config['directory'], ...addresses(site)] : []));
  const dropped = catalog.sources.flatMap(({ from }) => (from.kind === 'folder' ? [from.path] : []));
  const beats =
    catalog.heartbeat?.kind === 'file' && typeof catalog.heartbeat.to === 'string' ? [join(absolute(root, catalog.heartbeat.to), '..')] : [];
  const all = [root, state, ...[...folders, ...dropped, ...beats].flatMap((path) => (typeof path === 'string' ? [absolute(root, path)] : []))];
  return all.filter((path, index) => !all.some((other, i) => (other !== path || i < index) && isBelow(path, other)));
}

/** Folders of operators that the targets of a file sender name. */
const addresses = ({ catalog }: Site): string[] =>
  Object.values(catalog.targets).flatMap(({ sender, address }) =>
    catalog.senders[sender]?.kind === 'file' && address !== undefined ? [address] : [],
  );

/** All that a pass reads or writes by a path of its own. */
function pathsNeeded(site: Site): string[] {
  const { node, program, root, catalog } = site;
  const secrets = secretsOf(catalog).flatMap((reference) => (isSecretRef(reference) && 'file' in reference ? [reference.file] : []));
  const keys = [catalog.seal?.keyFile, catalog.seal?.allowedSignersFile].flatMap((path) => (path ? [path] : []));
  return [node, program, ...writtenPaths(site), ...[...secrets, ...keys].map((path) => absolute(root, path))];
}

const absolute = (root: string, path: string): string => (isAbsolute(path) ? path : join(root, path));

function isBelow(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return inside === '' || (!inside.startsWith('..') && !isAbsolute(inside));
}
