import { RgovError } from '../../model/errors.ts';
import type { Attempt } from '../../model/outcome.ts';
import { isSecretRef } from '../../model/secret.ts';
import type { AttemptSecrets, Setting } from '../attempt-secrets.ts';
import type { HttpRequest } from '../http-client/post.ts';
import { declaredUrl, hideUrl, httpUrl } from '../http-client/url.ts';
import { bodyOf, webhookHeaders } from './message.ts';

export interface WebhookSettings {
  url?: Setting;
  secret?: Setting;
  headers?: Record<string, Setting>;
  allowHosts?: string[];
}

/** Everything that goes out in one attempt. Throws {@link RgovError} `invalid_documents` where a setting cannot be used. */
export function requestFor(settings: WebhookSettings, attempt: Attempt, secrets: AttemptSecrets): HttpRequest {
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
    { 'user-agent': 'reporting-governance', 'rgov-attempt': attempt.number, ...framing(body) },
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
  if (!isSecretRef(setting)) return declaredUrl(setting.trim(), secrets);
  const url = httpUrl(secrets.reveal(setting).trim());
  hideUrl(url, true, secrets);
  return url;
}
