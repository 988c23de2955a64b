import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Link, Notice, Stored } from '../../src/model/artifacts.ts';
import type { ResolvedSender } from '../../src/model/catalog.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { settle } from '../../src/plan/settle.ts';
import { SENDER_KINDS } from '../../src/senders/registry.generated.ts';
import type { Sender } from '../../src/senders/sender.ts';
import { FAULTS, type Fault } from '../support/fault-receiver.ts';
import { attemptFor, canary, NOTICE, type TestContext, testContext, until } from '../support/loopback-attempt.ts';
import { type Behaviour, type ReceivedRequest, type Receiver, refusedOrigin, startReceiver } from '../support/loopback-receiver.ts';
import { answerFor, boundTo, genericRecipe, shippedRecipes, trustsAny200 } from '../support/senders/http-recipes.ts';

/** How one sender is bound to a receiver on loopback, its secrets being the canary. */
interface Bound {
  kind: 'webhook' | 'http';
  /** Any 200 is proof to it. */
  trusting: boolean;
  bind(origin: string, context: TestContext, secret: string): { config: Record<string, unknown>; address?: string };
}

const RECIPES = [['a generic recipe', genericRecipe()] as const, ...shippedRecipes()];

const SENDERS: [name: string, bound: Bound][] = [
  [
    'webhook',
    {
      kind: 'webhook',
      trusting: true,
      bind(origin, context, secret) {
        Object.assign(context.secrets, {
          URL: `${origin}/hooks/${secret}`,
          KEY: `whsec_${Buffer.from(secret).toString('base64')}`,
          TOKEN: `Bearer ${secret}`,
        });
        return { config: { url: { env: 'URL' }, secret: { env: 'KEY' }, headers: { Authorization: { env: 'TOKEN' } }, allowHosts: ['127.0.0.1'] } };
      },
    },
  ],
  ...RECIPES.map(([name, recipe]): [string, Bound] => [
    name,
    { kind: 'http', trusting: trustsAny200(recipe), bind: (origin, context, secret) => boundTo(origin, recipe, context, secret) },
  ]),
];

let context: TestContext;
let secret: string;
/** Of the acknowledgement link: who has it may say that they were told. */
let link: string;
const opened: (() => unknown)[] = [];
beforeEach(() => {
  context = testContext();
  secret = canary();
  link = canary();
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
  context.remove();
});

async function receive(behaviour: Behaviour): Promise<Receiver> {
  const receiver = await startReceiver([behaviour]);
  opened.push(receiver.close);
  return receiver;
}

async function senderAt(origin: string, bound: Bound): Promise<{ sender: Sender; address: { address?: string } }> {
  const { config, address } = bound.bind(origin, context, secret);
  const kind = SENDER_KINDS[bound.kind];
  const validate = await kind?.configValidator();
  expect(validate?.(config), JSON.stringify(validate?.errors)).toBe(true);
  expect((await kind?.configProblems?.(config, true)) ?? []).toEqual([]);
  const sender = (await kind?.load())?.(config, context);
  if (sender === undefined) throw new Error(`there is no kind ${bound.kind}`);
  opened.push(() => sender.close?.());
  return { sender, address: address === undefined ? {} : { address } };
}

const acknowledgeUrl = (): string => `https://rgov.example.com/ack?t=${link}`;

async function meet({ behaviour, endsAfter }: Pick<Fault, 'behaviour' | 'endsAfter'>, bound: Bound): Promise<Outcome> {
  const receiver = behaviour === null ? null : await receive(behaviour);
  const { sender, address } = await senderAt(receiver?.origin ?? (await refusedOrigin()), bound);
  const limit = new AbortController();
  const running = sender.attempt(attemptFor({ ...address, acknowledgeUrl: acknowledgeUrl() }), limit.signal);
  if (receiver !== null && endsAfter !== undefined) {
    await until(() => (endsAfter === 'connection' ? receiver.connections : receiver.requests.length) > 0, 'the receiver sees it');
    // Long enough for the connection to be seen on our side, too; where it is not, the outcome says so.
    await new Promise((resolve) => setTimeout(resolve, 100));
    limit.abort();
  }
  const outcome = await running;
  for (const hidden of [secret, link]) expect(JSON.stringify(outcome)).not.toContain(hidden);
  return outcome;
}

/** What is written down after an outcome, by whether the receiver ignores a repeated key, and whether attempts are left. */
const RECORDED: Record<Outcome['kind'], { idempotent: [left: string, none: string]; not: [left: string, none: string] }> = {
  retryable: {
    idempotent: ['deferral: retryable', 'blocked: attempts_exhausted'],
    not: ['deferral: retryable', 'blocked: attempts_exhausted'],
  },
  ambiguous: { idempotent: ['deferral: ambiguous', 'blocked: indeterminate'], not: ['blocked: indeterminate', 'blocked: indeterminate'] },
  rejected: { idempotent: ['blocked: rejected', 'blocked: rejected'], not: ['blocked: rejected', 'blocked: rejected'] },
  proved: {
    idempotent: ['acked: evidence_sufficient', 'acked: evidence_sufficient'],
    not: ['acked: evidence_sufficient', 'acked: evidence_sufficient'],
  },
  custody: {
    idempotent: ['pending_external_send: in_custody', 'pending_external_send: in_custody'],
    not: ['pending_external_send: in_custody', 'pending_external_send: in_custody'],
  },
};

function recorded(outcome: Outcome, idempotent: boolean, left: boolean): string {
  const link: Link = { path: 'queue/2026-11-22/n.json', sha256: 'c'.repeat(64) };
  const notice: Stored<Notice> = { name: NOTICE.id, day: '2026-11-22', document: NOTICE, link };
  const retry = { attempts: 3, initial_ms: 1_000, factor: 2, max_ms: 60_000 };
  const sender = { name: 'way-out', ceiling: 'accepted', idempotent, retry } as ResolvedSender;
  const attempt = { notice, handoff: link, number: left ? 1 : 3, tries: left ? 1 : 3, fallbacks: [], reopened: null, sender };
  const { document } = settle(attempt, outcome, Date.parse('2026-11-22T03:00:02Z'));
  return document.kind === 'Deferral' ? `deferral: ${document.reason}` : `${document.status}: ${document.reason}`;
}

function expectRecords(outcome: Outcome): void {
  for (const idempotent of [true, false]) {
    const [left, none] = RECORDED[outcome.kind][idempotent ? 'idempotent' : 'not'];
    expect(recorded(outcome, idempotent, true)).toBe(left);
    expect(recorded(outcome, idempotent, false)).toBe(none);
  }
}

describe.each(SENDERS)('%s', (_, bound) => {
  it.each(FAULTS.map((fault) => [fault.name, fault] as const))('a receiver that answers so, or not at all: %s', async (_name, fault) => {
    const outcome = await meet(fault, bound);
    const kinds = Array.isArray(fault.becomes) ? fault.becomes : bound.trusting ? fault.becomes.trusting : fault.becomes.reading;
    expect(kinds, JSON.stringify(outcome)).toContain(outcome.kind);
    if (fault.says !== undefined) expect(outcome).toMatchObject({ reason: expect.stringMatching(fault.says) });
    if (fault.retryAfter_ms !== undefined) expect(outcome).toMatchObject({ retryAfter_ms: fault.retryAfter_ms });
    expectRecords(outcome);
  });
});

/** The receiver gives back all that it was told, in every place from which an outcome could take it. */
const ECHOES: [name: string, reply: (request: ReceivedRequest) => { status: number; headers?: Record<string, string>; body?: string }][] = [
  ...[200, 302, 400, 429, 500].flatMap((status) => [
    [`in the text of a ${status}`, (request: ReceivedRequest) => ({ status, body: told(request) })] as const,
    [
      `in headers and JSON of a ${status}`,
      (request: ReceivedRequest) => {
        const line = told(request)
          .replaceAll(/[^\x20-\x7e]+/g, ' ')
          .slice(0, 3_000);
        const headers = { 'content-type': 'application/json', location: line, 'retry-after': line, 'x-request-id': line, 'webhook-id': line };
        return { status, headers, body: JSON.stringify({ id: line, ok: false, error: line, message: line, description: line, errors: [line] }) };
      },
    ] as const,
  ]),
].map(([name, reply]) => [name, reply]);

const told = ({ method, path, headers, body }: ReceivedRequest): string =>
  `${method} ${path} ${decodeURIComponent(path)} ${JSON.stringify(headers)} ${basic(headers['authorization'])} ${body} ${decodeURIComponent(body.toString().replaceAll('%', '%25'))}`;

const basic = (authorization = ''): string => Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString('latin1');

/** The secret as it was given and as it was sent. */
const allOf = (canary: string, request?: ReceivedRequest): string[] => [
  canary,
  Buffer.from(canary).toString('base64'),
  ...[request?.headers['authorization']?.replace(/^\w+ /, '') ?? []].flat(),
];

describe.each(SENDERS)('%s keeps its secrets', (_, bound) => {
  it.each(ECHOES)('when it is told them %s', async (_name, reply) => {
    const requests: ReceivedRequest[] = [];
    const behaviour = {
      reply(request: ReceivedRequest) {
        requests.push(request);
        return reply(request);
      },
    };
    const outcome = await meet({ behaviour }, bound);
    // Otherwise nothing was echoed, and the test would say nothing.
    expect(told(requests[0] as ReceivedRequest).slice(0, 3_000)).toContain(secret);
    expect(JSON.stringify(outcome)).not.toContain('may have it');
    for (const hidden of allOf(secret, requests[0])) expect(JSON.stringify(outcome)).not.toContain(hidden);
  });
});

const PROVING = ['accepted', 'relayed', 'delivered'];

describe.each(RECIPES)('every answer that the recipe of %s knows', (name, recipe) => {
  const bound = SENDERS.find(([sender]) => sender === name)?.[1] as Bound;
  it.each(recipe.answers.map((rule, index) => [index + 1, rule.then, rule] as const))('answer %i: %s', async (_index, _then, rule) => {
    const reply = (request: ReceivedRequest) => answerFor(rule, told(request).slice(0, 3_000));
    const outcome = await meet({ behaviour: { reply } }, bound);
    const expected = PROVING.includes(rule.then) ? 'proved' : rule.then;
    expect(outcome.kind, JSON.stringify(outcome)).toBe(expected);
    if (outcome.kind === 'proved') expect(outcome.level).toBe(rule.then);
    for (const hidden of allOf(secret)) expect(JSON.stringify(outcome)).not.toContain(hidden);
    expectRecords(outcome);
  });

  const readers = recipe.answers.filter(({ then, when }) => PROVING.includes(then) && when.body?.some(({ pointer }) => pointer !== undefined));
  it.skipIf(readers.length === 0)('and none of those that prove something, when it is not said to be JSON', async () => {
    for (const rule of readers) {
      const { status, headers, body } = answerFor(rule, 'msg-1');
      const outcome = await meet({ behaviour: { status, headers: { ...headers, 'content-type': 'text/html' }, body } }, bound);
      expect(outcome.kind, JSON.stringify(outcome)).toBe(bound.trusting ? 'proved' : 'ambiguous');
    }
  });
});
