import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Attempt, Outcome } from '../../src/model/outcome.ts';
import { create } from '../../src/senders/openclaw/index.ts';
import { attemptFor, canary, NOTICE, type TestContext, testContext } from '../support/loopback-attempt.ts';
import { eventually, sleep } from '../support/watching.ts';
import { FakeTelegram, type SentMessage, SLOW_MS } from './fake-telegram.ts';
import { RealOpenClaw } from './real-openclaw.ts';

/** OpenClaw's queue recovers within seconds; a slow machine gets more. */
const RECOVERY_MS = 3 * 60_000;
/** How long a second message is waited for in vain. */
const SETTLE_MS = 5_000;

const TOKEN = canary();
const folder = mkdtempSync(join(tmpdir(), 'rgov-openclaw-'));
const telegram = new FakeTelegram();
const openclaw = new RealOpenClaw(folder, TOKEN);
/** The command's own configuration: it knows where the gateway is, and not the token. */
const clientConfiguration = join(folder, 'client.json');
let context: TestContext;

beforeAll(async () => {
  await telegram.start();
  openclaw.install();
  await openclaw.configure(telegram.port);
  writeFileSync(clientConfiguration, JSON.stringify({ gateway: { mode: 'local', bind: 'loopback', port: openclaw.port } }));
  await openclaw.start();
  context = testContext({ TOKEN });
});
afterAll(async () => {
  await openclaw.stop();
  await telegram.stop();
  context?.remove();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  telegram.sent.length = 0;
  telegram.mode = 'ok';
});

let count = 0;
/** Another notice each time: the gateway remembers keys. */
const another = (): Partial<Attempt> => {
  const id = NOTICE.id.replace(/[0-9a-f]{12}$/, String(++count).padStart(12, '0'));
  return { notice: { ...NOTICE, id }, idempotencyKey: id, address: '555001' };
};

async function send(changes: Partial<Attempt>, settings = {}): Promise<Outcome> {
  const env = { ...openclaw.env, OPENCLAW_CONFIG_PATH: clientConfiguration };
  const sender = create({ argv: openclaw.argv, channel: 'telegram', token: { env: 'TOKEN' }, env, ...settings }, context);
  const started = performance.now();
  const outcome = await sender.attempt(attemptFor(changes), new AbortController().signal);
  process.stderr.write(`${expect.getState().currentTestName}: ${Math.round(performance.now() - started)} ms ${JSON.stringify(outcome)}\n`);
  expect(JSON.stringify(outcome)).not.toContain(TOKEN);
  return outcome;
}
const sentFor = (attempt: Partial<Attempt>): SentMessage[] => telegram.sent.filter(({ text }) => text === textOf(attempt));
const textOf = ({ notice = NOTICE }: Partial<Attempt>): string => `${notice.title}\n\n${notice.text}\n\n[rg:${notice.id}]`;

it('proves what the channel took, with the id that the channel gave', async () => {
  const notice = another();
  const outcome = await send(notice);
  expect(telegram.sent).toEqual([{ messageId: expect.any(String), chatId: '555001', text: textOf(notice) }]);
  expect(outcome).toEqual({ kind: 'proved', level: 'accepted', reference: telegram.sent[0]?.messageId });
});

it('sends once, whoever asks twice with the same key', async () => {
  const notice = another();
  const [first, second] = [await send(notice), await send({ ...notice, number: 2 })];
  expect(first.kind).toBe('proved');
  expect(second).toEqual(first);
  expect(telegram.sent).toHaveLength(1);
});

it('leaves a message as long as it may be in one piece; what markup makes longer keeps its tag whole in the last one', async () => {
  const long = another();
  const plain = { ...(long.notice ?? NOTICE), text: 'no space left on the backup disk. '.repeat(600) };
  expect((await send({ ...long, notice: plain })).kind).toBe('proved');
  expect(telegram.sent).toHaveLength(1);
  expect(telegram.sent[0]?.text).toMatch(new RegExp(`\\[rg:${plain.id}\\]$`));

  telegram.sent.length = 0;
  const other = another();
  const marked = { ...(other.notice ?? NOTICE), text: '<b>&amp; _x_ *y*</b> & "q" '.repeat(600) };
  const outcome = await send({ ...other, notice: marked });
  expect(telegram.sent.length).toBeGreaterThan(1);
  expect(telegram.sent.at(-1)?.text).toMatch(new RegExp(`\\[rg:${marked.id}\\]$`));
  expect(outcome).toMatchObject({ kind: 'proved', reference: telegram.sent.at(-1)?.messageId });
});

it('knows that nothing was sent where the token is wrong', async () => {
  context.secrets['TOKEN'] = 'not-the-token';
  try {
    expect(await send(another())).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('AUTH_TOKEN_MISMATCH') });
    expect(await send(another(), { token: undefined })).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('configuration error') });
  } finally {
    context.secrets['TOKEN'] = TOKEN;
  }
  expect(telegram.sent).toEqual([]);
});

it('joins its own call when the gateway does not answer in time: one message, and its id', async () => {
  const notice = another();
  telegram.mode = 'slow';
  // Telegram answers after this call is over, while the second one starts or waits.
  const outcome = await send(notice, { timeout: `${SLOW_MS - 2_000}ms` });
  expect(sentFor(notice)).toHaveLength(1);
  expect(outcome).toEqual({ kind: 'proved', level: 'accepted', reference: sentFor(notice)[0]?.messageId });
});

it('does not know where Telegram never answers; the queue delivers it later: one message', async () => {
  const notice = another();
  telegram.mode = 'hang';
  expect((await send(notice, { timeout: '3s' })).kind).toBe('ambiguous');
  // The call that hangs breaks off, and what OpenClaw makes of it comes after our outcome.
  await telegram.stop();
  telegram.mode = 'ok';
  await telegram.start();
  await eventually('the queue delivers it', () => sentFor(notice).length > 0, RECOVERY_MS);
  await sleep(SETTLE_MS);
  expect(sentFor(notice)).toHaveLength(1);
});

it('leaves to the queue what Telegram could not be reached for, and the queue delivers it: one message', async () => {
  const notice = another();
  await telegram.stop();
  const outcome = await send(notice);
  expect(outcome).toEqual({ kind: 'custody', who: 'openclaw:outbound-queue', detail: expect.any(String) });
  await telegram.start();
  await eventually('the queue delivers it', () => sentFor(notice).length > 0, RECOVERY_MS);
  await sleep(SETTLE_MS);
  expect(sentFor(notice)).toHaveLength(1);
});

it('knows that it does not know, when the gateway dies in the middle; and that nothing was sent, when it is down', async () => {
  telegram.mode = 'hang';
  telegram.asked = 0;
  const running = send(another());
  await eventually('Telegram was asked', () => telegram.asked > 0, RECOVERY_MS);
  await openclaw.stop('SIGKILL');
  expect((await running).kind).toBe('ambiguous');
  expect(await send(another())).toEqual({ kind: 'retryable', reason: expect.stringContaining('ECONNREFUSED') });
});
