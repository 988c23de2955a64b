import { sha256 } from '../../model/hash.ts';
import { parseStrict } from '../../model/json.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';
import { refusalOf } from '../http-client/judgement.ts';
import type { Answer } from '../http-client/post.ts';

const ID_FIELDS = ['id', 'messageId', 'message_id'];
const ID_HEADERS = ['x-request-id', 'x-message-id', 'webhook-id'];

/** What an answer means (Standard Webhooks, "Delivery success and failure"). `now_ms` is what a date in `Retry-After` counts from. */
export function outcomeOf(answer: Answer, now_ms: number, secrets: AttemptSecrets): Outcome {
  const { status } = answer;
  if (status < 200 || status >= 300) return refusalOf(answer, now_ms, secrets);
  return { kind: 'proved', level: 'accepted', reference: secrets.brief(referenceOf(answer)), detail: `answered with ${status}` };
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
