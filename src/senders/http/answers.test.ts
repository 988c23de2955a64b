import { expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Outcome } from '../../model/outcome.ts';
import { Secret } from '../../model/secret.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import type { Answer } from '../http-client/post.ts';
import { judge } from './answers.ts';
import type { AnswerRule } from './recipe.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

const RULES = parse(`
- { when: { status: [200], body: [{ pointer: /ok, equals: true }] }, then: accepted, reference: [{ pointer: /result/id }, { header: x-id }] }
- { when: { status: [200], body: [{ text: ok }] }, then: accepted, reference: { digest: true } }
- { when: { status: [202], headers: { X-State: Queued } }, then: custody, who: the queue, reference: { header: x-id } }
- { when: { status: [203] }, then: custody }
- { when: { status: ["400-499"], body: [{ pointer: /wait, exists: true }] }, then: retryable, retryAfter: { pointer: /wait, unit: ms }, reason: { pointer: /why } }
- { when: { status: [420] }, then: retryable, retryAfter: { header: x-reset, unit: unix }, reason: calm down }
- { when: { status: [421] }, then: retryable }
- { when: { status: [500], body: [{ pointer: /code, in: [7, null] }] }, then: rejected, reason: { pointer: /errors } }
- { when: { status: [504] }, then: ambiguous }
- { when: { status: [200], body: [{ pointer: /gone, exists: false }, { pointer: /kind, equals: silent }] }, then: relayed, reference: { digest: true } }
`) as AnswerRule[];

function judged(status: number, body: unknown = '', headers: Answer['headers'] = JSON_TYPE, cut = false): Outcome {
  const secrets = new AttemptSecrets(() => new Secret('canary-4711'));
  secrets.reveal({ env: 'ANY' });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return judge(RULES, { status, headers, body: Buffer.from(text), cut }, 'api.example', NOW, secrets);
}

const OK_DIGEST = 'sha256:2689367b205c16ce32ed4200942b8b8b1e262dfc70d9bc9fbc77c49699a4f1df';

it.each<[string, Outcome, Outcome]>([
  [
    'an id in the body',
    judged(200, { ok: true, result: { id: 42 } }),
    { kind: 'proved', level: 'accepted', reference: '42', detail: 'answered with 200' },
  ],
  [
    'an id in a header where the body has none',
    judged(200, { ok: true, result: { id: ' ' } }, { ...JSON_TYPE, 'x-id': 'h-1' }),
    { kind: 'proved', level: 'accepted', reference: 'h-1', detail: 'answered with 200' },
  ],
  [
    'an id that is missing',
    judged(200, { ok: true, result: { id: {} } }),
    { kind: 'ambiguous', reason: 'answered with 200, but without the id that would prove that it was taken' },
  ],
  [
    'a text',
    judged(200, 'ok', { 'content-type': 'text/html' }),
    { kind: 'proved', level: 'accepted', reference: OK_DIGEST, detail: 'answered with 200' },
  ],
  ['a header', judged(202, '', { 'x-state': 'queued', 'x-id': 'q-1' }), { kind: 'custody', who: 'the queue', detail: 'answered with 202: q-1' }],
  ['custody of whoever answered', judged(203), { kind: 'custody', who: 'api.example', detail: 'answered with 203' }],
  [
    'a delay in the body',
    judged(429, { wait: 1500, why: 'too many' }),
    { kind: 'retryable', reason: 'answered with 429: too many', retryAfter_ms: 1500 },
  ],
  ['a delay as text', judged(400, { wait: '250' }), { kind: 'retryable', reason: 'answered with 400: {"wait":"250"}', retryAfter_ms: 250 }],
  [
    'a moment in a header',
    judged(420, '', { 'x-reset': String(NOW / 1000 + 90) }),
    { kind: 'retryable', reason: 'answered with 420: calm down', retryAfter_ms: 90_000 },
  ],
  ['a moment that is over', judged(420, '', { 'x-reset': '1' }), { kind: 'retryable', reason: 'answered with 420: calm down', retryAfter_ms: 0 }],
  [
    'the usual header where the own one says nothing',
    judged(420, '', { 'x-reset': 'soon', 'retry-after': '5' }),
    { kind: 'retryable', reason: 'answered with 420: calm down', retryAfter_ms: 5_000 },
  ],
  ['the usual header', judged(421, '', { 'retry-after': '9' }), { kind: 'retryable', reason: 'answered with 421', retryAfter_ms: 9_000 }],
  ['a list of reasons', judged(500, { code: null, errors: ['a', 'b'] }), { kind: 'rejected', reason: 'answered with 500: ["a","b"]' }],
  ['what nobody knows', judged(504, 'timeout'), { kind: 'ambiguous', reason: 'answered with 504: timeout' }],
  [
    'something that is not there',
    judged(200, { kind: 'silent' }),
    { kind: 'proved', level: 'relayed', reference: expect.stringMatching(/^sha256:/), detail: 'answered with 200' },
  ],
])('the recipe knows %s', (_, outcome, expected) => {
  expect(outcome).toEqual(expected);
});

it.each<[string, Outcome, Outcome['kind'], RegExp]>([
  [
    'a success that says otherwise',
    judged(200, { ok: false }),
    'ambiguous',
    /^answered with 200, and nothing in it proves that it was taken: \{"ok":false\}$/,
  ],
  ['the word true', judged(200, { ok: 'true' }), 'ambiguous', /nothing in it proves/],
  ['another content type', judged(200, { ok: true, result: { id: 1 } }, { 'content-type': 'text/html' }), 'ambiguous', /nothing in it proves/],
  ['what only begins like JSON', judged(200, { ok: true, result: { id: 1 } }, { 'content-type': 'application/jsonlines' }), 'ambiguous', /nothing/],
  ['JSON that says it twice', judged(200, '{"ok":false,"ok":true,"result":{"id":1}}'), 'ambiguous', /nothing/],
  ['half of it', judged(200, '{"ok":true,"result":{"id":1}', JSON_TYPE), 'ambiguous', /nothing/],
  ['what was cut', judged(200, { ok: true, result: { id: 1 } }, JSON_TYPE, true), 'ambiguous', /nothing/],
  ['a text that was cut', judged(200, 'ok', {}, true), 'ambiguous', /nothing/],
  ['absence in what cannot be read', judged(200, 'silent', { 'content-type': 'text/plain' }), 'ambiguous', /nothing/],
  ['another 2xx', judged(204), 'ambiguous', /^answered with 204, and nothing/],
  ['another state', judged(202, '', { 'x-state': 'lost' }), 'ambiguous', /nothing/],
  ['a refusal', judged(403, { why: 'no' }), 'rejected', /^answered with 403/],
  ['a wrong code', judged(500, { code: 8 }), 'retryable', /^answered with 500/],
  ['a redirect', judged(307, '', { location: 'http://169.254.169.254/canary-4711' }), 'rejected', /not followed.*\/\[secret\]$/],
  ['an end', judged(410), 'rejected', /gone/],
])('what it does not know is judged by HTTP, and never proves anything: %s', (_, outcome, kind, words) => {
  expect(outcome).toMatchObject({ kind, reason: expect.stringMatching(words) });
});

it('reads JSON of every type that is named so, and of none at all', () => {
  for (const headers of [{}, { 'content-type': 'application/problem+json' }, { 'content-type': 'Application/JSON;charset=utf-8' }]) {
    expect(judged(200, { ok: true, result: { id: 1 } }, headers)).toMatchObject({ kind: 'proved' });
  }
});
