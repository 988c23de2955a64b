import type { Outcome } from '../../model/outcome.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';
import { parseRetryAfter } from '../retry-after.ts';
import type { Answer } from './post.ts';

/** Request Timeout, Too Early, Too Many Requests: the receiver itself says that it did not take the request. */
const RETRYABLE = new Set([408, 425, 429]);

/** What an answer that is no 2xx means by HTTP's own rules. `now_ms` is what a date in `Retry-After` counts from. */
export function refusalOf(answer: Answer, now_ms: number, secrets: AttemptSecrets): Outcome {
  const { status, headers } = answer;
  if (RETRYABLE.has(status) || status >= 500) {
    const retryAfter_ms = parseRetryAfter(headers['retry-after'], now_ms);
    return { kind: 'retryable', reason: secrets.brief(wordsOf(answer)), ...(retryAfter_ms === undefined ? {} : { retryAfter_ms }) };
  }
  if (status >= 300 && status < 400) {
    const where = headers.location === undefined ? '' : `: ${headers.location}`;
    return {
      kind: 'rejected',
      reason: secrets.brief(`answered with ${status}; redirects are not followed, the binding must name the new URL${where}`),
    };
  }
  const gone = status === 410 ? ' (gone: the receiver wants no more of these)' : '';
  return { kind: 'rejected', reason: secrets.brief(wordsOf(answer, gone)) };
}

/** Status and beginning of an answer; from outside, so it has to be redacted and shortened. */
export function wordsOf({ status, body }: Answer, meaning = ''): string {
  const text = body.toString('utf8');
  return `answered with ${status}${meaning}${text.trim() === '' ? '' : `: ${text}`}`;
}
