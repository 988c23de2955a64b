import { readFileSync, statSync } from 'node:fs';
import { isErrno, RgovError } from '../../model/errors.ts';
import type { AttemptSecrets, Setting } from '../attempt-secrets.ts';

/** Larger than any configuration that a person writes. */
const MAX_CONFIG_BYTES = 1024 * 1024;
/** What apprise takes for the start of a URL (apprise/utils.py, URL_DETECTION_RE): everything else it drops without a word. */
const APPRISE_URL = /^[a-z0-9]{2,9}:\/\/\S+$/i;
const SECOND_URL = /,+[a-z0-9]+:\/\//i;

/**
 * The URLs for the environment variable `APPRISE_URLS`, whose reader splits them at white space and commas.
 * Throws {@link RgovError} `invalid_documents` for one that would get lost there: success of the others must not cover for it.
 */
export function urlsForEnvironment(settings: readonly Setting[], secrets: AttemptSecrets): string {
  const urls = settings.map((setting, index) => {
    const url = secrets.reveal(setting).trim();
    hidePieces(url, secrets);
    // The text itself is not quoted: whatever it is, it may be a secret.
    if (!APPRISE_URL.test(url) || SECOND_URL.test(url))
      throw new RgovError('invalid_documents', `URL ${index + 1} is not one Apprise URL (scheme://..., white space written as %20, a comma as %2C)`);
    return url;
  });
  return urls.join('\n');
}

/** Takes every word of a configuration out of what apprise may say of it. Throws {@link RgovError} `invalid_documents` where it cannot be read. */
export function hideConfiguration(path: string, secrets: AttemptSecrets): void {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > MAX_CONFIG_BYTES) throw new RgovError('invalid_documents', `the configuration ${path} is larger than ${MAX_CONFIG_BYTES} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new RgovError('invalid_documents', `the configuration ${path} cannot be read (${error.code})`);
  }
  for (const line of text.split('\n')) hidePieces(line.trim(), secrets);
}

/** apprise names parts of a URL in its complaints: a token, a password, a path. */
function hidePieces(text: string, secrets: AttemptSecrets): void {
  secrets.hide(text);
  for (const piece of text.split(/[/:@?&=#+|\s,;"']+/)) secrets.hide(piece);
  const [, user = '', password = ''] = /:\/\/([^/@:]*):([^/@]*)@/.exec(text) ?? [];
  for (const credential of [user, password]) secrets.hide(credential, 3);
}
