import { RgovError } from '../../model/errors.ts';
import { isSecretRef, type ResolveSecret, type SecretRef } from '../../model/secret.ts';
import { Connections } from '../../senders/http-client/connections.ts';
import { guardFor } from '../../senders/http-client/guard.ts';
import { post } from '../../senders/http-client/post.ts';
import { httpUrl } from '../../senders/http-client/url.ts';
import { failed, type Heard, heard, MAX_ANSWER_BYTES } from './heard.ts';

interface Request {
  url: string | SecretRef;
  headers: Readonly<Record<string, string | SecretRef>>;
  allowHosts: readonly string[];
}

/** One GET, no redirect followed, nothing tried again; over when `cut` fires. What fails is told without path and query of the URL. */
export async function hearUrl({ url, headers, allowHosts }: Request, resolve: ResolveSecret, cut: AbortSignal): Promise<Heard> {
  const connections = new Connections({ guard: guardFor([...allowHosts]) });
  try {
    const reveal = (setting: string | SecretRef): string => (isSecretRef(setting) ? resolve(setting).reveal() : setting).trim();
    const target = httpUrl(reveal(url));
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), reveal(value)]));
    const request = {
      method: 'GET',
      url: target,
      headers: { 'user-agent': 'reporting-governance', accept: 'application/json', ...sent },
      body: Buffer.alloc(0),
      maxAnswerBytes: MAX_ANSWER_BYTES,
    };
    const answer = await post(request, connections, cut);
    const who = isSecretRef(url) ? 'the server' : target.host;
    if (answer.kind !== 'answered') return failed(`${who} was not reached: ${answer.why}`);
    if (answer.status < 200 || answer.status > 299) return failed(`${who} answered with ${answer.status}`);
    return answer.cut ? failed(`${who} answered with more than ${MAX_ANSWER_BYTES} bytes`) : heard(answer.body);
  } catch (error) {
    if (error instanceof RgovError) return failed(error.message);
    throw error;
  } finally {
    connections.close();
  }
}
