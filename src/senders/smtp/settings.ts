import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { isErrno, RgovError } from '../../model/errors.ts';
import type { SecretRef } from '../../model/secret.ts';
import type { AttemptSecrets, Setting } from '../attempt-secrets.ts';

export interface SmtpSettings {
  host: string;
  port?: number;
  tls: 'implicit' | 'required' | 'opportunistic' | 'none';
  ca?: string;
  user?: Setting;
  password?: SecretRef;
  from: string;
  hello?: string;
}

/** Where a session goes and how it is protected; resolved for one attempt. */
export interface Server {
  host: string;
  port: number;
  tls: SmtpSettings['tls'];
  /** PEM. */
  ca?: string;
  login?: { user: string; pass: string };
  hello?: string;
}

// RFC 8314, section 3 (submission); relays on the same machine listen on 25.
const PORTS = { implicit: 465, required: 587, opportunistic: 25, none: 25 } as const;

/** Throws {@link RgovError} of kind `invalid_documents` where a secret or the `ca` file is not there. */
export function serverFor(settings: SmtpSettings, workspace: string, secrets: AttemptSecrets): Server {
  const { host, port, tls, ca, hello } = settings;
  return {
    host,
    port: port ?? PORTS[tls],
    tls,
    ...(ca === undefined ? {} : { ca: certificatesIn(resolve(workspace, ca)) }),
    ...loginFor(settings, secrets),
    ...(hello === undefined ? {} : { hello }),
  };
}

/** True if nobody but this machine can read along. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function loginFor({ user, password }: SmtpSettings, secrets: AttemptSecrets): Pick<Server, 'login'> {
  if (user === undefined || password === undefined) return {};
  const login = { user: secrets.reveal(user).trim(), pass: secrets.reveal(password).replace(/\r?\n$/, '') };
  if (login.user === '' || login.pass === '') throw new RgovError('invalid_documents', 'user or password is empty');
  secrets.hide(login.pass, 1);
  // As AUTH PLAIN and AUTH LOGIN send them (RFC 4616, draft-murchison-sasl-login): a server's refusal may quote the line.
  for (const line of [`\0${login.user}\0${login.pass}`, login.pass]) secrets.hide(Buffer.from(line).toString('base64'));
  return { login };
}

function certificatesIn(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new RgovError('invalid_documents', `the file of \`with.ca\` cannot be read (${isErrno(error) ? error.code : 'unreadable'})`);
  }
}
