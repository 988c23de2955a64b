import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { Owner } from '../model/artifacts.ts';
import { isErrno, messageOf, RgovError } from '../model/errors.ts';
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

/** Whether there is a process of that number in our process table; somebody else may have got the number meanwhile. */
export function isRunning(pid: number): boolean {
  return startTime(pid) !== null || processExists(pid);
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
export function secretResolver(workspace: string, env: NodeJS.ProcessEnv, steady_ms = () => performance.now()): ResolveSecret {
  const ofCommand = rememberingBriefly((argv: readonly string[]) => secretOfCommand(argv, workspace, env), steady_ms);
  return (reference) => {
    if ('env' in reference) {
      const value = env[reference.env];
      if (value === undefined || value === '')
        throw missingSecret(`the environment variable ${reference.env} is not set`, `export ${reference.env}=...`);
      return new Secret(value);
    }
    if ('command' in reference) return ofCommand(reference.command);
    const path = isAbsolute(reference.file) ? reference.file : join(workspace, reference.file);
    try {
      return new Secret(readSecretFile(path).replace(/\r?\n$/, ''));
    } catch (error) {
      const code = isErrno(error) ? error.code : messageOf(error);
      const hint = code === 'ENOENT' ? `(umask 077; mkdir -p ${dirname(path)}; cat > ${path})   and paste it` : `ls -l ${path}`;
      throw missingSecret(`the secret file ${reference.file} cannot be read: ${code}`, hint);
    }
  };
}

/** Links are followed, as secrets are often mounted so; a pipe would be waited for, and a device never ends. */
function readSecretFile(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Error('it is no regular file');
    if (stat.size > MAX_SECRET_BYTES) throw new Error(`more than ${MAX_SECRET_BYTES} bytes`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** A command that takes longer than this is stuck: nobody is there to type a pass phrase. */
const SECRET_COMMAND_LIMIT_MS = 10_000;

/** While a command runs, everything else of this process stands still; one for each of many attempts would use up their time limits. */
const COMMAND_MEMORY_MS = 30_000;

/** What a command came to, its failure included, for a short while after it ended. */
function rememberingBriefly(run: (argv: readonly string[]) => Secret, steady_ms: () => number): (argv: readonly string[]) => Secret {
  const known = new Map<string, { until_ms: number; come: () => Secret }>();
  return (argv) => {
    const key = JSON.stringify(argv);
    const last = known.get(key);
    if (last && last.until_ms > steady_ms()) return last.come();
    let come: () => Secret;
    try {
      const secret = run(argv);
      come = () => secret;
    } catch (error) {
      come = () => {
        throw error;
      };
    }
    known.set(key, { until_ms: steady_ms() + COMMAND_MEMORY_MS, come });
    return come();
  };
}

/** What the command prints; what it complains about may hold the secret, and is told to nobody. */
function secretOfCommand(argv: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Secret {
  const [program = '', ...args] = argv;
  // Few bindings have such a secret, and loading what starts processes takes as long as sending a notice.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const run = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: SECRET_COMMAND_LIMIT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_SECRET_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const why = run.error
    ? isErrno(run.error)
      ? run.error.code
      : run.error.name
    : run.status !== 0
      ? `exit status ${run.status ?? run.signal}`
      : run.stdout === ''
        ? 'it prints nothing'
        : null;
  if (why !== null) throw missingSecret(`the secret command ${program} failed: ${why}`, 'run it by hand as the same user');
  return new Secret(run.stdout.replace(/\r?\n$/, ''));
}

const missingSecret = (message: string, hint: string): RgovError => new RgovError('invalid_documents', message, { hint });
