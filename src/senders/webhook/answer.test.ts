import { describe, expect, it } from 'vitest';
import { Secret } from '../../model/secret.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import type { Answer } from '../http-client/post.ts';
import { outcomeOf } from './answer.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const secrets = new AttemptSecrets(() => new Secret('canary-4711'));
secrets.reveal({ env: 'ANY' });
const outcome = (status: number, body = '', headers: Answer['headers'] = {}, cut = false) =>
  outcomeOf({ status, headers, body: Buffer.from(body), cut }, NOW, secrets);

describe('a 2xx answer proves acceptance, and is referred to by', () => {
  it.each([
    ['the id it names', '{"id":"m-1"}', {}, 'm-1'],
    ['a number', '{"messageId":42}', { 'x-request-id': 'r-1' }, '42'],
    ['an id in snake case', ' {"ok":true,"message_id":"m-2"}', {}, 'm-2'],
    ['a header where the body names none', '{"ok":true}', { 'x-request-id': 'r-1' }, 'r-1'],
    ['a header where the body is not JSON', 'ok', { 'webhook-id': 'w-1' }, 'w-1'],
    ['a digest of its bytes', 'ok', {}, 'sha256:2689367b205c16ce32ed4200942b8b8b1e262dfc70d9bc9fbc77c49699a4f1df'],
    ['a digest of no bytes', '', {}, 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['nothing that is empty', '{"id":"","messageId":" ","message_id":"m-3"}', {}, 'm-3'],
    ['nothing of a wrong type', '{"id":{"a":1},"messageId":[1],"message_id":null}', { 'x-request-id': 'r-1' }, 'r-1'],
    ['no list', '[1]', { 'x-request-id': 'r-1' }, 'r-1'],
  ])('%s', (_, body, headers, reference) => {
    expect(outcome(201, body, headers)).toEqual({ kind: 'proved', level: 'accepted', reference, detail: 'answered with 201' });
  });
});

it.each([408, 425, 429, 500, 502, 503, 504, 599])('%i may be tried again', (status) => {
  expect(outcome(status, 'busy')).toEqual({ kind: 'retryable', reason: `answered with ${status}: busy` });
});

it.each([400, 401, 403, 404, 405, 409, 410, 413, 422, 451, 499, 300, 301, 302, 303, 307, 308, 304])('%i is for good', (status) => {
  expect(outcome(status)).toMatchObject({ kind: 'rejected', reason: expect.stringContaining(String(status)) });
});

it('waits as long as the receiver asks', () => {
  expect(outcome(429, '', { 'retry-after': '120' })).toMatchObject({ retryAfter_ms: 120_000 });
  expect(outcome(503, '', { 'retry-after': 'Sun, 22 Nov 2026 03:00:30 GMT' })).toMatchObject({ retryAfter_ms: 30_000 });
  expect(outcome(503, '', { 'retry-after': 'later' })).not.toHaveProperty('retryAfter_ms');
  expect(outcome(404, '', { 'retry-after': '120' })).not.toHaveProperty('retryAfter_ms');
});

it('quotes a bounded, printable piece of a refusal, without secrets', () => {
  const refused = outcome(400, `\u001b[31mno\n\ncanary-4711 ${'x'.repeat(5000)}`);
  expect(refused).toMatchObject({ kind: 'rejected', reason: expect.stringMatching(/^answered with 400: \ufffd\[31mno \[secret\] x+…$/) });
  expect((refused as { reason: string }).reason.length).toBeLessThanOrEqual(500);
  expect(outcome(302, '', { location: 'https://example.com/canary-4711' })).toMatchObject({
    reason: expect.stringContaining('example.com/[secret]'),
  });
});
