import { accessSync, constants, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { isErrno, messageOf } from '../model/errors.ts';
import { oneLine, truncate } from '../model/text.ts';
import { createFile } from '../store/create-file.ts';
import { groupWritesIn, readRegular, realFileSystem } from '../store/files.ts';
import { MAX_SEAL_BYTES } from '../store/seals.ts';
import { type ChildResult, runChild } from './child.ts';

/** What these signatures are for; one that was made for anything else, a commit for one, is none (ssh-keygen(1), -n). */
const NAMESPACE = 'rgov-seal';
/** An agent that asks its user and gets no answer is waited for no longer. */
const LIMIT_MS = 30_000;
/** A signature by the largest of keys takes a few kilobytes. */
const MAX_SIGNATURE_BYTES = 64 * 1024;
const ARMOURED = /^-----BEGIN SSH SIGNATURE-----\n[A-Za-z0-9+/=\n]+\n-----END SSH SIGNATURE-----\n$/;
const SEAL_FILE = /^(\d{4}-\d{2}-\d{2})\.sha256$/;
const DAY_MS = 86_400_000;

export type Signed =
  /** `there`: somebody had signed it already; that stays as it is. */
  { ok: true; outcome: 'signed' | 'there' } | { ok: false; detail: string };

export type Verified = { ok: true; principal: string } | { ok: false; detail: string };

export const signatureFile = (sealFile: string): string => `${sealFile}.sig`;

/**
 * Signs a seal: `<seal>.sig` appears beside it, whole and durable, if there is none yet. `keyFile` is a private key without a pass phrase, or
 * with one if an SSH agent holds the key; or a public key whose private one the agent holds (ssh-keygen(1), -Y sign). Nobody
 * is asked for anything. Never throws.
 */
export async function signSeal(sealFile: string, keyFile: string, env: NodeJS.ProcessEnv = process.env): Promise<Signed> {
  try {
    const seal = readRegular(realFileSystem, sealFile, MAX_SEAL_BYTES);
    if (seal.kind !== 'bytes') return { ok: false, detail: 'the seal cannot be read' };
    if (readRegular(realFileSystem, signatureFile(sealFile), MAX_SIGNATURE_BYTES).kind !== 'missing') return { ok: true, outcome: 'there' };
    // On its standard input: what it would write beside the file could be seen half written.
    const result = await runKeygen(['-Y', 'sign', '-n', NAMESPACE, '-f', resolve(keyFile)], dirname(sealFile), env, seal.bytes);
    if (!succeeded(result)) return { ok: false, detail: complaintOf(result) };
    const signature = result.output.toString('latin1');
    if (!ARMOURED.test(signature)) return { ok: false, detail: 'what ssh-keygen printed is no signature' };
    const mode = groupWritesIn(realFileSystem, dirname(sealFile)) ? 0o640 : 0o600;
    return { ok: true, outcome: createFile(signatureFile(sealFile), signature, mode) === 'created' ? 'signed' : 'there' };
  } catch (error) {
    return { ok: false, detail: truncate(oneLine(messageOf(error)), 300) };
  }
}

/**
 * Whether one of the allowed signers has signed these very bytes of the seal for this purpose, and who. Their key must have been valid when
 * the day of the seal ended, or be valid now: a key that was replaced since still vouches for what it signed (valid-after,
 * valid-before in ssh-keygen(1), ALLOWED SIGNERS). Keys in the file `<allowed signers>.revoked`, if there is one, vouch for nothing. Never throws.
 */
export async function verifySignature(
  sealFile: string,
  sigFile: string,
  allowedSignersFile: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Verified> {
  try {
    const allowedSigners = resolve(allowedSignersFile);
    const seal = readRegular(realFileSystem, sealFile, MAX_SEAL_BYTES);
    if (seal.kind !== 'bytes') return { ok: false, detail: 'the seal cannot be read' };
    const signature = readRegular(realFileSystem, sigFile, MAX_SIGNATURE_BYTES);
    if (signature.kind !== 'bytes') return { ok: false, detail: signature.kind === 'missing' ? 'there is no signature' : signature.detail };
    const unreadable = whyUnreadable(allowedSigners);
    if (unreadable !== null) return { ok: false, detail: `the allowed signers ${allowedSigners} cannot be read: ${unreadable}` };
    const run = (args: readonly string[], input: Uint8Array = Buffer.alloc(0)): Promise<ChildResult> =>
      runKeygen([...args, '-f', allowedSigners, '-s', sigFile], dirname(sealFile), env, input);
    const revoked = whyUnreadable(`${allowedSigners}.revoked`);
    if (revoked !== null && revoked !== 'ENOENT')
      return { ok: false, detail: `the revoked keys ${allowedSigners}.revoked cannot be read: ${revoked}` };
    const revocation = revoked === null ? ['-r', `${allowedSigners}.revoked`] : [];
    let detail = '';
    for (const at of timesOf(sealFile)) {
      const found = await run(['-Y', 'find-principals', ...at]);
      if (!succeeded(found)) {
        detail ||= `no allowed signer has made it: ${complaintOf(found)}`;
        continue;
      }
      for (const principal of found.output.toString('utf8').split('\n').filter(Boolean)) {
        const verify = ['-Y', 'verify', '-n', NAMESPACE, '-I', principal, ...at];
        const checked = await run([...verify, ...revocation], seal.bytes);
        if (succeeded(checked)) return { ok: true, principal: truncate(oneLine(principal), 200) };
        // It does not say so itself.
        const isRevoked = revoked === null && succeeded(await run(verify, seal.bytes));
        detail = isRevoked ? `the key of ${principal} is revoked` : `not by ${principal}: ${complaintOf(checked)}`;
      }
    }
    return { ok: false, detail: truncate(oneLine(detail || 'no allowed signer has made it'), 500) };
  } catch (error) {
    return { ok: false, detail: truncate(oneLine(messageOf(error)), 300) };
  }
}

/** The end of the seal's day, where its name says one; then now. */
function timesOf(sealFile: string): string[][] {
  const day = SEAL_FILE.exec(basename(sealFile))?.[1];
  const end_ms = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00Z`) + DAY_MS;
  if (Number.isNaN(end_ms)) return [[]];
  // In the time of this place: older versions know no other.
  const end = new Date(end_ms);
  const digits = [end.getMonth() + 1, end.getDate(), end.getHours(), end.getMinutes(), end.getSeconds()].map((n) => String(n).padStart(2, '0'));
  return [[`-Overify-time=${String(end.getFullYear()).padStart(4, '0')}${digits.join('')}`], []];
}

/** The errno or the reason, or null. Links are followed: such files are often mounted so; a pipe would be waited for. */
function whyUnreadable(path: string): string | null {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile() ? null : 'it is no regular file';
  } catch (error) {
    return isErrno(error) ? (error.code ?? 'unknown error') : messageOf(error);
  }
}

const succeeded = (result: ChildResult): boolean => result.how === 'exited' && result.status === 0;

/** Without a terminal, a display or a program that asks: a key that needs a pass phrase is refused at once (ssh(1), SSH_ASKPASS_REQUIRE). */
function runKeygen(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, input: Uint8Array): Promise<ChildResult> {
  const passed = ['PATH', 'HOME', 'TZ', 'SSH_AUTH_SOCK', 'SSH_SK_PROVIDER'].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  const environment = { ...Object.fromEntries(passed), LC_ALL: 'C', SSH_ASKPASS_REQUIRE: 'never' };
  return runChild(['ssh-keygen', ...args], { cwd, env: environment, limit_ms: LIMIT_MS }, input);
}

/** Lines that say nothing: frames, the question that nobody answers, advice. */
const NOISE = /^(@+|Enter passphrase.*|Signing data on standard input|It is (required|recommended) that .*|This private key will be ignored\.)$/;

function complaintOf(result: ChildResult): string {
  if (result.how === 'not_started')
    return result.code === 'ENOENT' ? 'there is no ssh-keygen on PATH (Debian: openssh-client)' : `ssh-keygen could not be started: ${result.code}`;
  if (result.how === 'timed_out') return 'ssh-keygen took too long and was ended; does an agent ask somebody?';
  if (result.how === 'killed') return `ssh-keygen was ended by ${result.by}`;
  const lines = `${result.complaint}\n${result.output}`.split(/\r?\n/).map((line) => line.replace(/^Enter passphrase[^:]*: ?/, '').trim());
  const said = lines.filter((line) => line !== '' && !NOISE.test(line) && !/UNPROTECTED PRIVATE KEY|BEGIN|^[A-Za-z0-9+/=]{40,}$/.test(line));
  return said.length === 0 ? `ssh-keygen failed with status ${result.status}` : truncate(oneLine(said.join('; ')), 300);
}
