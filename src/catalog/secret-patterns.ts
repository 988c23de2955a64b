// What a secret looks like when somebody has written it into a document. Better one pattern too many than one too few: a
// document that is refused costs a minute, and a secret in a repository costs a night.

const MASK = '[secret]';

/** Some patterns need time that grows with the square of the text, so long texts are searched piece by piece. */
const WINDOW = 4096;
/** Longer than what any pattern needs to recognise a secret. */
const OVERLAP = 256;

/** Tokens of well-known makers, and the forms in which credentials travel. */
const TOKENS: readonly RegExp[] = [
  /\bwhsec_[A-Za-z0-9+/=_-]{6,}/g,
  /\bxox[a-z]-[A-Za-z0-9-]{6,}/g,
  /\bxapp-[A-Za-z0-9-]{6,}/g,
  /\bgh[opsur]_[A-Za-z0-9]{10,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{10,}/g,
  /\bglpat-[A-Za-z0-9_-]{10,}/g,
  /\b[sr]k[-_](?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{12,}/g,
  /\bnpm_[A-Za-z0-9]{20,}/g,
  /\bpypi-[A-Za-z0-9_-]{20,}/g,
  /\bhf_[A-Za-z0-9]{20,}/g,
  /\bA(?:KIA|SIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bSG\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\b\d{6,12}:[A-Za-z0-9_-]{30,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*/g,
  /\b(?:Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{6,}/gi,
];

/** Addresses that are their own key: whoever knows them may post. */
const CREDENTIAL_URLS: readonly RegExp[] = [
  /\bhooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/[^\s"'<>]+/gi,
  /\bdiscord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/[^\s"'<>]+/gi,
  /\bapi\.telegram\.org\/(?:file\/)?bot[^\s"'<>]+/gi,
  /\b[a-z0-9.-]{0,100}(?:webhook\.office\.com|outlook\.office\.com\/webhook)[^\s"'<>]*/gi,
  /\b(?:open\.feishu\.cn|open\.larksuite\.com)\/open-apis\/bot\/v2\/hook\/[^\s"'<>]+/gi,
  /\bhooks\.zapier\.com\/hooks\/[^\s"'<>]+/gi,
  /\bmaker\.ifttt\.com\/trigger\/[^\s"'<>]+/gi,
  /\bhook\.[a-z0-9.-]{0,100}(?:make|integromat)\.com\/[^\s"'<>]+/gi,
  /\bevents\.pagerduty\.com\/integration\/[^\s"'<>]+/gi,
  /\bapi\.opsgenie\.com\/[^\s"'<>]*apiKey=[^\s"'<>]+/gi,
  /\bhc-ping\.com\/[^\s"'<>]+/gi,
  // Healthchecks on a server of one's own.
  /\/ping\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
  /\/hooks\/[a-z0-9]{26}\b/g,
];

/** A user's password, or a key, inside any address. */
const URL_USER = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#@"']{1,500}@/gi;
const URL_QUERY = /([?&](?:access_?token|auth|api[_-]?key|code|key|password|secret|sig|signature|token)=)[^&\s"'#]+/gi;

const SECRET_KEY =
  /(?:token|secret|password|passwd|pwd|passphrase|apikey|accesskey|privatekey|secretkey|signingkey|encryptionkey|authorization|credential|cookie|webhookkey|bearer)s?$/;
/** The same names on a line of YAML or of a command, with what stands behind them. */
const SECRET_ON_LINE =
  /((?:^|[\s{,"'[-])[\w.-]*(?:token|secret|password|passwd|pwd|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|signing[_-]?key|authorization|credential|cookie|bearer)s?["']?\s*[:=]\s*)(?!\s*[{[|>&*]|$)(\S.*)$/i;
const SECRET_FLAG = /^--?[\w-]*(?:token|secret|password|passphrase|api-?key|credentials?)$/i;
const SECRET_FLAG_VALUE = /^--?[\w-]*(?:token|secret|password|passphrase|api-?key|credentials?)=(.+)$/i;

/** Whether a key of a setting is the name of a secret: `token`, `X-Api-Key`, `SMTP_PASSWORD`; not `tokenHeader`. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

/** `--token`, where the secret is the next argument. */
export function isSecretFlag(argument: string): boolean {
  return SECRET_FLAG.test(argument);
}

/** What it is in a text that makes it a secret, in words; null if nothing does. */
export function secretIn(text: string): string | null {
  for (let at = 0; at === 0 || at + OVERLAP < text.length; at += WINDOW - OVERLAP) {
    const what = secretInWindow(text.slice(at, at + WINDOW));
    if (what !== null) return what;
  }
  return null;
}

function secretInWindow(text: string): string | null {
  if (SECRET_FLAG_VALUE.test(text)) return 'an argument that holds a secret';
  if (TOKENS.some((pattern) => found(pattern, text))) return 'a token';
  if (CREDENTIAL_URLS.some((pattern) => found(pattern, text))) return 'an address that is its own key';
  if (found(URL_USER, text)) return 'an address with a user and a password';
  if (found(URL_QUERY, text)) return 'an address with a key in it';
  return null;
}

function found(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  const is = pattern.test(text);
  pattern.lastIndex = 0;
  return is;
}

/** Any text with everything taken out that looks like a secret. */
export function maskText(text: string): string {
  // A word that is cut in two might no longer be recognised.
  let masked = text.length > WINDOW ? text.slice(0, WINDOW).replace(/\S*$/, '…') : text;
  for (const pattern of TOKENS) masked = masked.replace(pattern, MASK);
  for (const pattern of CREDENTIAL_URLS) masked = masked.replace(pattern, (address) => `${address.slice(0, address.indexOf('/') + 1)}${MASK}`);
  return masked.replace(URL_USER, `$1${MASK}@`).replace(URL_QUERY, `$1${MASK}`);
}

/** A line of a document, which may not even be YAML, with everything taken out that looks like a secret. */
export function maskLine(line: string): string {
  return maskText(line).replace(SECRET_ON_LINE, `$1${MASK}`);
}
