import { RgovError } from '../../model/errors.ts';
import { type AttemptSecrets, secretPieces } from '../attempt-secrets.ts';

/** Throws {@link RgovError} `invalid_documents` for what is no http or https URL. The text is not quoted: whatever it is, it may be a secret. */
export function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new RgovError('invalid_documents', 'the URL is not an http or https URL');
  return url;
}

/** Paths and queries of webhook URLs are often the credential itself, whether or not they were declared as one. */
export function hideUrl(url: URL, hostToo: boolean, secrets: AttemptSecrets): void {
  secrets.hideThese(piecesOf(url, hostToo));
}

/** URLs that stand in the documents as they are, with what is hidden of them: a few, for any number of attempts. */
const declared = new Map<string, { url: URL; hidden: readonly string[] }>();
const MOST_DECLARED = 64;

/** {@link httpUrl} and {@link hideUrl} for a URL that is not declared as a secret; not to be changed by whoever gets it. */
export function declaredUrl(text: string, secrets: AttemptSecrets): URL {
  let known = declared.get(text);
  if (known === undefined) {
    const url = httpUrl(text);
    known = { url, hidden: piecesOf(url, false) };
    if (declared.size >= MOST_DECLARED) declared.clear();
    declared.set(text, known);
  }
  secrets.hideThese(known.hidden);
  return known.url;
}

function piecesOf(url: URL, hostToo: boolean): string[] {
  const parts = [url.href, url.pathname + url.search];
  for (const piece of [...url.pathname.split('/'), ...url.searchParams.values(), url.pathname.slice(1)]) parts.push(piece, decoded(piece));
  const credentials = [url.username, url.password].flatMap((credential) => [credential, decoded(credential)]);
  const hosts = hostToo ? [url.host, url.hostname] : [];
  return [
    ...parts.flatMap((part) => secretPieces(part)),
    ...credentials.flatMap((credential) => secretPieces(credential, 3)),
    ...hosts.flatMap((host) => secretPieces(host, 1)),
  ];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
