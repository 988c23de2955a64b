import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Owner } from '../model/artifacts.ts';
import { isErrno, RgovError } from '../model/errors.ts';
import { sha256 } from '../model/hash.ts';
import { type ResolveSecret, Secret } from '../model/secret.ts';
import type { Liveness } from '../model/snapshot.ts';

const MAX_SECRET_BYTES = 64 * 1024;

let self: Owner | undefined;

/** This process, in terms that another one on this machine can check (proc(5)). */
export function thisOwner(): Owner {
  self ??= {
    // machine-id(5) asks not to show the id itself to others.
    machine: sha256(`reporting-governance ${readOr('/etc/machine-id', hostname()).trim()}`).slice(0, 32),
    boot: readOr('/proc/sys/kernel/random/boot_id', 'unknown').trim(),
    pidNamespace: pidNamespace(),
    pid: process.pid,
    start: startTime(process.pid) ?? 'unknown',
    nonce: randomBytes(8).toString('hex'),
  };
  return self;
}

/**
 * Dead is said only where it is certain: same machine and another boot, or same process table and no such process, or
 * one that started at another time under the same number.
 */
export function livenessOf(owner: Owner, me: Owner = thisOwner()): Liveness {
  if (owner.nonce === me.nonce) return 'alive';
  if (owner.machine !== me.machine) return 'unknown';
  if (owner.boot !== me.boot) return 'dead';
  if (owner.pidNamespace !== me.pidNamespace) return 'unknown';
  const start = startTime(owner.pid);
  if (start === null) return processExists(owner.pid) ? 'unknown' : 'dead';
  return start === owner.start ? 'alive' : 'dead';
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return 'unknown';
  }
}

/** Field 22 of /proc/PID/stat; null where there is no such process or no /proc. A zombie has ended for this purpose. */
function startTime(pid: number): string | null {
  const stat = readOr(`/proc/${pid}/stat`, '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[19] !== undefined && fields[0] !== 'Z' && fields[0] !== 'X' ? fields[19] : null;
}

function processExists(pid: number): boolean {
  if (readOr('/proc/self/stat', '') !== '') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isErrno(error, 'ESRCH');
  }
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}

/** Resolves `{env: NAME}` and `{file: PATH}`; relative paths start at the workspace. A trailing newline of a file does not count. */
export function secretResolver(workspace: string, env: NodeJS.ProcessEnv): ResolveSecret {
  return (reference) => {
    if ('env' in reference) {
      const value = env[reference.env];
      if (value === undefined || value === '')
        throw missingSecret(`the environment variable ${reference.env} is not set`, `export ${reference.env}=...`);
      return new Secret(value);
    }
    const path = isAbsolute(reference.file) ? reference.file : join(workspace, reference.file);
    try {
      const text = readFileSync(path, 'utf8');
      if (text.length > MAX_SECRET_BYTES) throw new Error(`more than ${MAX_SECRET_BYTES} bytes`);
      return new Secret(text.replace(/\r?\n$/, ''));
    } catch (error) {
      throw missingSecret(`the secret file ${reference.file} cannot be read: ${isErrno(error) ? error.code : String(error)}`, `ls -l ${path}`);
    }
  };
}

const missingSecret = (message: string, hint: string): RgovError => new RgovError('invalid_documents', message, { hint });
