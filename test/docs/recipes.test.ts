import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SenderBinding } from '../../src/model/artifacts.ts';
import validateBinding from '../../src/model/generated/validate-sender-binding.js';
import type { Outcome } from '../../src/model/outcome.ts';
import { placeholderNames } from '../../src/senders/http/placeholders.ts';
import { SENDER_KINDS } from '../../src/senders/registry.generated.ts';
import { attemptFor, NOTICE, testContext } from '../support/loopback-attempt.ts';
import { type Behaviour, type ReceivedRequest, startReceiver } from '../support/loopback-receiver.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/recipes.md'), 'utf8');
const EXAMPLE = parse(/<!-- recipe: .+? -->\s*```yaml\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '') as SenderBinding;
const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function send(answer: Behaviour, changes = {}): Promise<{ outcome: Outcome; request: ReceivedRequest | undefined }> {
  const receiver = await startReceiver([answer]);
  const context = testContext({ PIGEON_TOKEN: 'canary-4711' });
  opened.push(receiver.close, () => context.remove());
  const config = { ...EXAMPLE.spec.with, settings: { token: { env: 'PIGEON_TOKEN' }, server: receiver.origin }, allowHosts: ['127.0.0.1'] };
  const kind = SENDER_KINDS['http'];
  expect(await kind?.configProblems?.(config, true)).toEqual([]);
  const validate = await kind?.configValidator();
  expect(validate?.(config), JSON.stringify(validate?.errors)).toBe(true);
  const sender = (await kind?.load())?.(config, context);
  opened.push(() => sender?.close?.());
  const outcome = await sender?.attempt(attemptFor({ address: 'loft-17', ...changes }), new AbortController().signal);
  return { outcome: outcome as Outcome, request: receiver.requests[0] };
}

const json = (status: number, body: unknown): Behaviour => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

it('shows a recipe that is valid, and does what the page says', async () => {
  expect(validateBinding(EXAMPLE), JSON.stringify(validateBinding.errors)).toBe(true);
  const { outcome, request } = await send(json(201, { message: { id: 'p-1' } }));
  expect(outcome).toEqual({ kind: 'proved', level: 'accepted', reference: 'p-1', detail: 'answered with 201' });
  expect(request).toMatchObject({
    path: '/v1/lofts/loft-17/messages',
    headers: { authorization: 'Bearer canary-4711', 'idempotency-key': NOTICE.id, 'rgov-attempt': '1' },
  });
  expect(JSON.parse(String(request?.body))).toEqual({ title: NOTICE.title, body: `${NOTICE.text}\n\n[rg:${NOTICE.id}]`, urgency: 2 });
  const acknowledgeUrl = 'https://rgov.example.com/ack/1';
  const second = await send(json(201, { message: { id: 'p-2' } }), { acknowledgeUrl });
  expect(JSON.parse(String(second.request?.body))).toMatchObject({ button: { label: 'I know', link: acknowledgeUrl } });
});

it.each<[string, Behaviour, Partial<Outcome>]>([
  ['a refusal', json(200, { error: 'bad_token' }), { kind: 'rejected', reason: 'answered with 200: bad_token' }],
  ['a wait', json(429, { wait_ms: 1500 }), { kind: 'retryable', retryAfter_ms: 1500 }],
  ['a gateway', { status: 504 }, { kind: 'ambiguous' }],
  ['a success without an id', json(201, {}), { kind: 'ambiguous' }],
])('and understands %s', async (_, answer, expected) => {
  expect((await send(answer)).outcome).toMatchObject(expected);
});

it('names every placeholder', () => {
  const { parameters, maps } = { parameters: { NAME: { description: '' } }, maps: { NAME: { of: 'severity' as const, values: {} } } };
  for (const name of placeholderNames({ parameters, maps })) expect(PAGE).toContain(`\`{${name}}\``);
});
