import { RgovError } from '../../model/errors.ts';
import { isSecretRef, type ResolveSecret, type SecretRef } from '../../model/secret.ts';
import { Connections } from '../../senders/http-client/connections.ts';
import { ANYWHERE } from '../../senders/http-client/guard.ts';
import { post } from '../../senders/http-client/post.ts';

/** What came of a ping, in words that hold neither path nor query of a URL: they are its password. */
export interface PingResult {
  ok: boolean;
  detail: string;
}

/** https://healthchecks.io/docs/http_api/ */
export type Signal = 'start' | 'success' | 'fail';

const SUFFIX: Record<Signal, string> = { start: '/start', success: '', fail: '/fail' };
/** Healthchecks answers these with 200; they mean that nobody took note. */
const REFUSED_WITH_200 = /^OK \((not found|rate limited)\)/;

/** One request, no redirect followed, nothing tried again. Never throws; over at once when `cut` fires. */
export async function ping(
  to: string | SecretRef,
  signal: Signal,
  runId: string,
  words: string,
  resolve: ResolveSecret,
  cut: AbortSignal,
): Promise<PingResult> {
  let url: URL;
  try {
    url = pingUrl(isSecretRef(to) ? resolve(to).reveal() : to, signal, runId);
  } catch (error) {
    return { ok: false, detail: `no heartbeat was sent: ${error instanceof RgovError ? error.message : 'the URL cannot be used'}` };
  }
  const receiver = isSecretRef(to) ? wordsFor(to) : url.origin;
  const body = Buffer.from(words);
  const headers = { 'user-agent': 'reporting-governance', 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length };
  const connections = new Connections({ guard: ANYWHERE });
  try {
    const posted = await post({ url, headers, body }, connections, cut);
    if (posted.kind !== 'answered') return { ok: false, detail: `heartbeat not heard by ${receiver}: ${posted.why}` };
    return judge(posted.status, posted.body.toString('utf8'), receiver);
  } catch (error) {
    return { ok: false, detail: `heartbeat not heard by ${receiver}: ${error instanceof Error ? error.name : 'failed'}` };
  } finally {
    connections.close();
  }
}

/** The answer itself is not quoted: servers echo what they were asked for. */
function judge(status: number, body: string, receiver: string): PingResult {
  const refused = REFUSED_WITH_200.exec(body)?.[1];
  if (status >= 200 && status < 300 && refused === undefined) return { ok: true, detail: `heartbeat heard by ${receiver}` };
  const redirect = status >= 300 && status < 400 ? '; redirects are not followed, the binding must name the new URL' : '';
  return { ok: false, detail: `heartbeat refused by ${receiver}: answered with ${status}${refused === undefined ? '' : ` (${refused})`}${redirect}` };
}

/** Throws {@link RgovError} where the text is no such URL; it is not quoted, because it may be a secret. */
function pingUrl(text: string, signal: Signal, runId: string): URL {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new RgovError('invalid_documents', 'its URL is not an http or https URL');
  url.pathname = url.pathname.replace(/\/+$/, '') + SUFFIX[signal];
  // Appended as text: setting one parameter would spell all the others anew.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}rid=${runId}`;
  url.hash = '';
  return url;
}

function wordsFor(to: SecretRef): string {
  if ('env' in to) return `the URL in the environment variable ${to.env}`;
  return 'file' in to ? `the URL in the file ${to.file}` : `the URL that ${to.command[0]} prints`;
}
