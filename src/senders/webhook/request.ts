import { RgovError } from '../../model/errors.ts';
import type { Attempt } from '../../model/outcome.ts';
import { isSecretRef } from '../../model/secret.ts';
import type { AttemptSecrets, Setting } from '../attempt-secrets.ts';
import { bodyOf, webhookHeaders } from './message.ts';

export interface WebhookSettings {
  url?: Setting;
  secret?: Setting;
  headers?: Record<string, Setting>;
}

export interface PostRequest {
  url: URL;
  headers: Record<string, string | number>;
  body: Buffer;
}

/** Everything that goes out in one attempt. Throws {@link RgovError} `invalid_documents` where a setting cannot be used. */
export function requestFor(settings: WebhookSettings, attempt: Attempt, secrets: AttemptSecrets): PostRequest {
  const url = urlOf(settings.url ?? attempt.address, secrets);
  const body = bodyOf(attempt.notice);
  const headers: Record<string, string | number> = {};
  for (const [name, setting] of Object.entries(settings.headers ?? {})) {
    // White space around a value means nothing (RFC 9110, section 5.5), and a secret from a file often ends in a newline.
    const value = secrets.reveal(setting).trim();
    secrets.hide(value);
    headers[name.toLowerCase()] = value;
  }
  const secret = settings.secret === undefined ? undefined : secrets.reveal(settings.secret);
  for (const key of secret?.trim().split(/\s+/) ?? []) secrets.hide(key.replace(/^whsec_/, ''));
  Object.assign(
    headers,
    { 'user-agent': 'reporting-governance', ...framing(body) },
    webhookHeaders(attempt.idempotencyKey, attempt.now_ms, body, secret),
  );
  return { url, headers, body };
}

function framing(body: Buffer): Record<string, string | number> {
  return { 'content-type': 'application/json', 'content-length': body.length };
}

function urlOf(setting: Setting | undefined, secrets: AttemptSecrets): URL {
  if (setting === undefined) {
    throw new RgovError('invalid_documents', 'neither `with.url` of the sender nor `address` of the target names a URL');
  }
  const text = secrets.reveal(setting).trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The text itself is not quoted: whatever it is, it may be a secret.
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new RgovError('invalid_documents', 'the URL is not an http or https URL');
  hideUrl(url, isSecretRef(setting), secrets);
  return url;
}

/** Paths and queries of webhook URLs are often the credential itself, whether or not they were declared as one. */
function hideUrl(url: URL, hostToo: boolean, secrets: AttemptSecrets): void {
  secrets.hide(url.href);
  secrets.hide(url.pathname + url.search);
  for (const piece of [...url.pathname.split('/'), ...url.searchParams.values(), url.pathname.slice(1)]) {
    secrets.hide(piece);
    secrets.hide(decoded(piece));
  }
  for (const credential of [url.username, url.password]) {
    secrets.hide(credential, 3);
    secrets.hide(decoded(credential), 3);
  }
  if (hostToo) for (const host of [url.host, url.hostname]) secrets.hide(host, 1);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
