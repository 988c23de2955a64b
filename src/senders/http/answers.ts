import { sha256 } from '../../model/hash.ts';
import { parseStrict } from '../../model/json.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';
import { refusalOf, wordsOf } from '../http-client/judgement.ts';
import type { Answer } from '../http-client/post.ts';
import { boundedDelay_ms, parseRetryAfter } from '../retry-after.ts';
import { valueAtPointer } from './pointer.ts';
import type { AnswerRule, Condition, Place, Reference } from './recipe.ts';

/** An answer with its body as JSON, where it says that it is JSON and is. */
interface Read extends Answer {
  json: { value: unknown } | null;
}

const JSON_TYPE = /^application\/(?:[\w.!#$&^-]+\+)?json\s*(?:;|$)/i;

/** What an answer means by the recipe; `receiver` is who has it where the recipe says `custody` and no more. */
export function judge(rules: readonly AnswerRule[], answer: Answer, receiver: string, now_ms: number, secrets: AttemptSecrets): Outcome {
  const read = { ...answer, json: jsonOf(answer) };
  const rule = rules.find(({ when }) => matches(when, read));
  if (rule === undefined) return unknownAnswer(read, now_ms, secrets);
  const reason = secrets.brief(reasonOf(rule, read));
  switch (rule.then) {
    case 'custody':
      return { kind: 'custody', who: secrets.brief(rule.who ?? receiver), detail: secrets.brief(custodyDetail(rule, read)) };
    case 'retryable': {
      const retryAfter_ms = retryAfterOf(rule, read, now_ms);
      return { kind: 'retryable', reason, ...(retryAfter_ms === undefined ? {} : { retryAfter_ms }) };
    }
    case 'rejected':
    case 'ambiguous':
      return { kind: rule.then, reason };
    default: {
      const reference = referenceOf(rule, read);
      if (reference === undefined) {
        return { kind: 'ambiguous', reason: secrets.brief(`answered with ${read.status}, but without the id that would prove that it was taken`) };
      }
      return { kind: 'proved', level: rule.then, reference: secrets.brief(reference), detail: `answered with ${read.status}` };
    }
  }
}

/** HTTP's own rules; but a success that the recipe does not know is none. */
function unknownAnswer(answer: Read, now_ms: number, secrets: AttemptSecrets): Outcome {
  if (answer.status < 200 || answer.status >= 300) return refusalOf(answer, now_ms, secrets);
  const said = wordsOf(answer, ', and nothing in it proves that it was taken');
  return { kind: 'ambiguous', reason: secrets.brief(said) };
}

/** Null for another content type, for what is no strict JSON, and for what was not read to its end. */
function jsonOf({ headers, body, cut }: Answer): Read['json'] {
  const type = headers['content-type'];
  if (cut || (type !== undefined && !JSON_TYPE.test(type))) return null;
  const parsed = parseStrict(body);
  return parsed.ok ? { value: parsed.value } : null;
}

function matches({ status, headers = {}, body = [] }: AnswerRule['when'], answer: Read): boolean {
  return (
    status.some((range) => inRange(range, answer.status)) &&
    Object.entries(headers).every(([name, value]) => headerOf(answer, name)?.toLowerCase() === value.toLowerCase()) &&
    body.every((condition) => holds(condition, answer))
  );
}

function inRange(range: number | string, status: number): boolean {
  const [from, to = from] = String(range).split('-').map(Number);
  return status >= (from ?? 0) && status <= (to ?? 0);
}

/** A condition on a body that cannot be read never holds, not even that something is absent from it. */
function holds(condition: Condition, { json, body, cut }: Read): boolean {
  if (condition.text !== undefined && (cut || body.toString('utf8').trim() !== condition.text.trim())) return false;
  if (condition.pointer === undefined) return condition.text !== undefined;
  if (json === null) return false;
  const value = valueAtPointer(json.value, condition.pointer);
  const exists = value !== undefined;
  if (condition.exists !== undefined && condition.exists !== exists) return false;
  if (condition.equals !== undefined && value !== condition.equals) return false;
  if (condition.in !== undefined && !condition.in.some((one) => one === value)) return false;
  return exists || condition.exists === false;
}

function headerOf({ headers }: Answer, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  const text = Array.isArray(value) ? value.join(', ') : value;
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

/** A text or a number; nothing else identifies a message. */
function placed(place: Place, answer: Read): string | undefined {
  if ('header' in place) return headerOf(answer, place.header);
  const value = answer.json === null ? undefined : valueAtPointer(answer.json.value, place.pointer);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function referenceOf({ reference = [] }: AnswerRule, answer: Read): string | undefined {
  for (const one of [reference].flat() as Reference[]) {
    const value = 'digest' in one ? `sha256:${sha256(answer.body)}` : placed(one, answer);
    if (value !== undefined) return value;
  }
  return undefined;
}

function custodyDetail(rule: AnswerRule, answer: Read): string {
  const reference = referenceOf(rule, answer);
  return `answered with ${answer.status}${reference === undefined ? '' : `: ${reference}`}`;
}

function reasonOf({ reason }: AnswerRule, answer: Read): string {
  const words = typeof reason === 'string' ? reason : reason && (placed(reason, answer) ?? asJson(reason, answer));
  return words === undefined ? wordsOf(answer) : `answered with ${answer.status}: ${words}`;
}

/** Some providers say why as a list or a map. */
function asJson(place: Place, { json }: Read): string | undefined {
  const value = 'pointer' in place && json !== null ? valueAtPointer(json.value, place.pointer) : undefined;
  return value === undefined || value === null || value === '' ? undefined : JSON.stringify(value);
}

function retryAfterOf({ retryAfter }: AnswerRule, answer: Read, now_ms: number): number | undefined {
  const usual = parseRetryAfter(answer.headers['retry-after'], now_ms);
  if (retryAfter === undefined) return usual;
  const { pointer, header, unit = 's' } = retryAfter;
  const said = [pointer === undefined ? undefined : placed({ pointer }, answer), header === undefined ? undefined : headerOf(answer, header)];
  for (const text of said) {
    if (text === undefined) continue;
    const number = text.trim() === '' ? Number.NaN : Number(text);
    const seconds = unit === 's' ? number : unit === 'ms' ? number / 1000 : Math.max(0, number - now_ms / 1000);
    const delay_ms = boundedDelay_ms(seconds) ?? parseRetryAfter(text, now_ms);
    if (delay_ms !== undefined) return delay_ms;
  }
  return usual;
}
