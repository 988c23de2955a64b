import { RgovError } from '../../model/errors.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';

/** Throws {@link RgovError} `invalid_documents` for what is no http or https URL. The text is not quoted: whatever it is, it may be a secret. */
export function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new RgovError('invalid_documents', 'the URL is not an http or https URL');
  return url;
}

/** Paths and queries of webhook URLs are often the credential itself, whether or not they were declared as one. */
export function hideUrl(url: URL, hostToo: boolean, secrets: AttemptSecrets): void {
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
