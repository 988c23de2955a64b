import type { IncomingHttpHeaders } from 'node:http';
import { sha256 } from '../../model/hash.ts';
import { parseStrict } from '../../model/json.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';
import { parseRetryAfter } from '../retry-after.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The body was longer than what was read. */
  cut: boolean;
}

const ID_FIELDS = ['id', 'messageId', 'message_id'];
const ID_HEADERS = ['x-request-id', 'x-message-id', 'webhook-id'];
/** Request Timeout, Too Early, Too Many Requests: the receiver itself says that it did not take the request. */
const RETRYABLE = new Set([408, 425, 429]);

/** What an answer means (Standard Webhooks, "Delivery success and failure"). `now_ms` is what a date in `Retry-After` counts from. */
export function outcomeOf(answer: Answer, now_ms: number, secrets: AttemptSecrets): Outcome {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) {
    return { kind: 'proved', level: 'accepted', reference: secrets.brief(referenceOf(answer)), detail: `answered with ${status}` };
  }
  if (RETRYABLE.has(status) || status >= 500) {
    const retryAfter_ms = parseRetryAfter(headers['retry-after'], now_ms);
    return { kind: 'retryable', reason: secrets.brief(refusal(answer)), ...(retryAfter_ms === undefined ? {} : { retryAfter_ms }) };
  }
  if (status >= 300 && status < 400) {
    const where = headers.location === undefined ? '' : `: ${secrets.redact(headers.location)}`;
    return {
      kind: 'rejected',
      reason: secrets.brief(`answered with ${status}; redirects are not followed, the binding must name the new URL${where}`),
    };
  }
  const gone = status === 410 ? ' (gone: the receiver wants no more of these)' : '';
  return { kind: 'rejected', reason: secrets.brief(refusal(answer, gone)) };
}

function refusal({ status, body }: Answer, meaning = ''): string {
  const text = body.toString('utf8');
  return `answered with ${status}${meaning}${text.trim() === '' ? '' : `: ${text}`}`;
}

/** The receiver's own id for what it took; without one, a digest of its answer, which can at least be compared with its log. */
function referenceOf({ headers, body, cut }: Answer): string {
  const said = cut ? undefined : idIn(body);
  if (said !== undefined) return said;
  for (const name of ID_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  return `sha256:${sha256(body)}`;
}

function idIn(body: Buffer): string | undefined {
  const parsed = parseStrict(body);
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined;
  const fields = parsed.value as Record<string, unknown>;
  const ids = ID_FIELDS.map((name) => fields[name]);
  const id = ids.find((value) => typeof value === 'number' || (typeof value === 'string' && value.trim() !== ''));
  return id === undefined ? undefined : String(id);
}
