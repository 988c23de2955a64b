import { RgovError } from '../model/errors.ts';
import { parseName } from '../model/names.ts';
import type { ResolveSecret, Secret, SecretRef } from '../model/secret.ts';
import { secretResolver } from './host.ts';
import type { Workspace } from './workspace.ts';

/** Shorter secrets can be guessed by trying. */
const MIN_SECRET_CHARACTERS = 16;
const MAC_BYTES = 16;
/** What is signed begins with this, so that the same secret used for anything else signs no acknowledgement. */
const PURPOSE = 'rgov-ack-v1';
/** Stands between the name and its signature; neither can hold it, and a URL needs no escape for it (RFC 3986, section 2.3). */
const SEPARATOR = '~';

/** The link for the message of a notice, by the notice's name; undefined where the binding declares none. Throws `invalid_documents` if there is no usable secret. */
export function acknowledgeLinkFor(workspace: Workspace, env: NodeJS.ProcessEnv = process.env): (noticeName: string) => string | undefined {
  const declared = workspace.catalog.acknowledge;
  if (declared === null) return () => undefined;
  const secret = secretOf(declared.secret, secretResolver(workspace.root, env));
  return (noticeName) => declared.url.replaceAll('{token}', tokenOf(noticeName, secret()));
}

/** The name of the notice that a token acknowledges. Throws `negative` if nobody here has signed it. */
export function tokenReader(workspace: Workspace, env: NodeJS.ProcessEnv = process.env): (token: string) => string {
  const declared = workspace.catalog.acknowledge;
  if (declared === null) {
    return () => {
      throw new RgovError('negative', `binding ${workspace.catalog.binding} declares no acknowledgement links, so that no token is good here`, {
        expected: 'spec.acknowledge with a url and a secret',
        hint: 'rgov ack NOTICE --by NAME',
      });
    };
  }
  const secret = secretOf(declared.secret, secretResolver(workspace.root, env));
  return (token) => {
    const name = token.slice(0, Math.max(0, token.lastIndexOf(SEPARATOR)));
    // The name counts for nothing before its signature does: what is compared is of one length, in constant time.
    const isGood = parseName(name) !== null && sameText(token, tokenOf(name, secret()));
    if (isGood) return name;
    throw new RgovError('negative', 'the token is not one that was signed here', {
      expected: 'the whole token of an acknowledgement link of this deployment',
      hint: 'rgov ack NOTICE --by NAME',
    });
  };
}

/** `<notice>~<base64url of the first 16 bytes of HMAC-SHA256>` (RFC 2104; truncation to half as its section 5 allows). */
function tokenOf(noticeName: string, secret: Secret): string {
  const mac = crypto().createHmac('sha256', secret.reveal()).update(`${PURPOSE}\n${noticeName}`).digest();
  return `${noticeName}${SEPARATOR}${mac.subarray(0, MAC_BYTES).toString('base64url')}`;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && crypto().timingSafeEqual(left, right);
}

/** Resolved when it is first needed, and once: a command may print it only after a while. */
function secretOf(reference: SecretRef, resolve: ResolveSecret): () => Secret {
  let known: Secret | undefined;
  return () => {
    if (known) return known;
    const secret = resolve(reference);
    if ([...secret.reveal()].length < MIN_SECRET_CHARACTERS) {
      throw new RgovError('invalid_documents', `the secret of the acknowledgement links has fewer than ${MIN_SECRET_CHARACTERS} characters`, {
        expected: `at least ${MIN_SECRET_CHARACTERS}, better 32 random ones`,
        hint: 'openssl rand -base64 32',
      });
    }
    known = secret;
    return known;
  };
}

/** Costs milliseconds at start-up, and most passes sign nothing. */
const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');
