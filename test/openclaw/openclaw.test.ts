import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Attempt, Outcome } from '../../src/model/outcome.ts';
import { create } from '../../src/senders/openclaw/index.ts';
import { attemptFor, canary, NOTICE, type TestContext, testContext, until } from '../support/loopback-attempt.ts';
import { openClawStub, recorded, type StubAnswer, type StubScene } from '../support/senders/openclaw.ts';

const TOKEN = canary();
let context: TestContext;
beforeEach(() => {
  context = testContext();
});
afterEach(() => context.remove());

async function send(answers: StubAnswer[], settings = {}, changes: Partial<Attempt> = {}): Promise<{ outcome: Outcome; scene: StubScene }> {
  const scene = openClawStub(context, answers, TOKEN);
  const sender = create({ ...scene.config, ...settings }, context);
  return { outcome: await sender.attempt(attemptFor(changes), new AbortController().signal), scene };
}

const replay = (name: string, exit: number): StubAnswer => ({ file: recorded(`${name}.json`), exit });
const printed = (value: unknown, exit: number): StubAnswer => ({ print: JSON.stringify(value), exit });

describe('what was recorded from the real one', () => {
  it.each<[string, number, Outcome]>([
    ['gwcall-send-ok', 0, { kind: 'proved', level: 'accepted', reference: '1002' }],
    ['gwcall-send-dup-same-key', 0, { kind: 'proved', level: 'accepted', reference: '1002' }],
    ['send-hook-cancel-cli', 0, { kind: 'rejected', reason: 'suppressed by the runtime: it exited with 0 and named no message' }],
    ['gwcall-send-hook-cancel', 1, { kind: 'rejected', reason: 'suppressed by the runtime: Error: No delivery result' }],
    ['gwcall-send-nogw', 1, { kind: 'retryable', reason: 'nothing was sent: Gateway not reachable at ws://127.0.0.1:38089 (ECONNREFUSED).' }],
    [
      'gwcall-send-gateway-killed',
      1,
      {
        kind: 'ambiguous',
        reason: 'the gateway may send the message or not: gateway closed (1006 abnormal closure (no close frame)): no close reason',
      },
    ],
    [
      'gwcall-send-403',
      1,
      { kind: 'custody', who: 'openclaw:outbound-queue', detail: expect.stringContaining('403: Forbidden: bot was blocked by the user') },
    ],
    [
      'gwcall-send-unreachable',
      1,
      { kind: 'custody', who: 'openclaw:outbound-queue', detail: "OutboundDeliveryError: Network request for 'sendMessage' failed!" },
    ],
    ['gwcall-send-badchannel', 1, { kind: 'rejected', reason: 'configuration error: INVALID_REQUEST: unsupported channel: discord' }],
    ['gwcall-send-badparams', 1, { kind: 'rejected', reason: expect.stringMatching(/^configuration error: INVALID_REQUEST: invalid send params/) }],
    ['gwcall-send-nocredentials', 1, { kind: 'rejected', reason: expect.stringMatching(/^configuration error: gateway send requires credentials/) }],
    ['gwcall-send-badtoken', 1, { kind: 'rejected', reason: expect.stringMatching(/^configuration error: AUTH_TOKEN_MISMATCH: unauthorized/) }],
  ])('%s', async (name, exit, expected) => {
    const { outcome, scene } = await send([replay(name, exit)]);
    expect(outcome).toEqual(expected);
    expect(scene.calls()).toHaveLength(1);
  });

  it('is read in spite of what stands on standard error', async () => {
    const stderr = recorded('gwcall-send-badtoken.stderr');
    expect(readFileSync(stderr, 'utf8')).not.toBe('');
    const { outcome } = await send([{ file: recorded('gwcall-send-badtoken.json'), stderr, exit: 1 }]);
    expect(outcome.kind).toBe('rejected');
  });
});

describe('a call without an answer in time', () => {
  const timeout = replay('gwcall-send-hang-client-timeout', 1);

  it.each<[string, StubAnswer, Outcome]>([
    ['sent after all', replay('gwcall-send-ok', 0), { kind: 'proved', level: 'accepted', reference: '1002' }],
    ['queued', replay('gwcall-send-unreachable', 1), { kind: 'custody', who: 'openclaw:outbound-queue', detail: expect.any(String) }],
    ['suppressed', replay('gwcall-send-hook-cancel', 1), { kind: 'rejected', reason: expect.stringContaining('suppressed') }],
    ['no answer again', timeout, { kind: 'ambiguous', reason: expect.stringContaining('gateway timeout after 5000ms') }],
    // These say that the second call was turned away, and nothing of the first.
    ['nobody there any more', replay('gwcall-send-nogw', 1), { kind: 'ambiguous', reason: expect.stringContaining('ECONNREFUSED') }],
    ['refused', replay('gwcall-send-badtoken', 1), { kind: 'ambiguous', reason: expect.stringContaining('AUTH_TOKEN_MISMATCH') }],
    ['broken off', replay('gwcall-send-gateway-killed', 1), { kind: 'ambiguous', reason: expect.stringContaining('1006') }],
  ])('is asked after once, at once, with the same key: %s', async (_, second, expected) => {
    const { outcome, scene } = await send([timeout, second, printed({ messageId: 'a third call' }, 0)]);
    expect(outcome).toEqual(expected);
    const calls = scene.calls();
    expect(calls).toHaveLength(2);
    expect(calls[1]?.argv).toEqual(calls[0]?.argv);
    expect(calls[1]?.params.idempotencyKey).toBe(NOTICE.id);
  });
});

describe('what nobody has recorded', () => {
  it.each<[string, StubAnswer]>([
    ['no output at all', { print: '', exit: 0 }],
    ['no output, and a failure', { print: '', exit: 1 }],
    ['words', { print: 'Sent.\n', exit: 0 }],
    ['half of an answer', { print: '{"runId":"x","messageId":"10', exit: 0 }],
    ['two answers', { print: '{"messageId":"1"}\n{"messageId":"2"}', exit: 0 }],
    ['a list', { print: '[{"messageId":"1"}]', exit: 0 }],
    ['a key that stands twice', { print: '{"messageId":"","messageId":"1"}', exit: 0 }],
    ['success and failure at once', printed({ messageId: '1', error: { type: 'gateway_request_error' } }, 0)],
    ['an id with a failure', printed({ messageId: '1' }, 1)],
    ['a failure with another status', printed({ ok: false, error: { type: 'cli_error', message: 'out of memory' } }, 134)],
    ['an unavailable gateway of another sort', printed({ error: { type: 'gateway_request_error', code: 'UNAVAILABLE', message: 'partly sent' } }, 1)],
    [
      'a refused connection behind a code of a close',
      printed({ error: { type: 'gateway_transport_error', kind: 'closed', code: 1011, reason: 'connect ECONNREFUSED upstream' } }, 1),
    ],
    [
      'a reset connection',
      printed({ error: { type: 'gateway_transport_error', kind: 'closed', message: 'Gateway not reachable at ws://[::1]:1 (ECONNRESET).' } }, 1),
    ],
    ['a flood', { flood: 3_000_000, exit: 0 }],
  ])('%s leaves it open whether the message went out', async (_, answer) => {
    const { outcome, scene } = await send([answer]);
    expect(outcome.kind).toBe('ambiguous');
    expect(scene.calls()).toHaveLength(1);
  });

  it.each([[''], ['  '], [null], [true], [{}]])('an id that is none is no proof: %j', async (messageId) => {
    expect((await send([printed({ runId: 'x', messageId, channel: 'telegram' }, 0)])).outcome.kind).toBe('rejected');
  });

  it('several addresses that refuse are a refusal, too', async () => {
    const error = {
      type: 'gateway_transport_error',
      kind: 'closed',
      message: 'Gateway not reachable at ws://localhost:1 (ECONNREFUSED).',
      reason: '',
    };
    expect((await send([printed({ ok: false, error }, 1)])).outcome.kind).toBe('retryable');
  });
});

describe('what the program gets', () => {
  it('one call, with the message and its tag, the key and a time limit', async () => {
    const { scene } = await send([replay('gwcall-send-ok', 0)], { accountId: 'ops', timeout: '1m30s' });
    const { argv, params } = scene.calls()[0] ?? {};
    expect(argv?.slice(0, 4)).toEqual(['gateway', 'call', 'send', '--params']);
    expect(argv?.slice(5)).toEqual(['--json', '--timeout', '90000']);
    expect(params).toEqual({
      channel: 'telegram',
      to: '555001',
      accountId: 'ops',
      message: `${NOTICE.title}\n\n${NOTICE.text}\n\n[rg:${NOTICE.id}]`,
      idempotencyKey: NOTICE.id,
    });
  });

  it('the address of the target, where the sender names none', async () => {
    const answers = [replay('gwcall-send-ok', 0)];
    expect((await send(answers, { to: undefined }, { address: '777' })).scene.calls()[0]?.params.to).toBe('777');
    expect((await send(answers, { to: undefined })).outcome).toEqual({ kind: 'retryable', reason: expect.stringContaining('names a recipient') });
  });

  it('its token in the environment, nothing secret as an argument, and little else of ours', async () => {
    process.env['RGOV_TEST_UNRELATED'] = 'none of its business';
    const link = `https://rgov.example/ack/${canary()}`;
    try {
      const { scene } = await send([replay('gwcall-send-ok', 0)], {}, { acknowledgeUrl: link });
      const call = scene.calls()[0];
      expect(call?.token).toBe(TOKEN);
      for (const secret of [TOKEN, link]) expect(JSON.stringify(call?.argv)).not.toContain(secret);
      expect(call?.env).not.toContain('RGOV_TEST_UNRELATED');
    } finally {
      delete process.env['RGOV_TEST_UNRELATED'];
    }
  });

  it('a message that its channel need not split, with the tag at its end', async () => {
    const notice = { ...NOTICE, text: '\u{1f4a9}'.repeat(8_000) };
    const length = async (settings = {}): Promise<number> => {
      const { scene } = await send([replay('gwcall-send-ok', 0)], settings, { notice });
      const { message = '' } = scene.calls().at(-1)?.params ?? {};
      expect(message).toMatch(/…\n\n\[rg:[^\]]+\]$/);
      return [...message].length;
    };
    expect(await length()).toBeLessThanOrEqual(3_500);
    expect(await length({ maxLength: 200 })).toBeLessThanOrEqual(200);
  });
});

describe('when it does not get that far', () => {
  it('nothing was sent without the program', async () => {
    const { outcome } = await send([], { argv: ['./not-there'] });
    expect(outcome).toEqual({ kind: 'retryable', reason: 'nothing was sent: ./not-there could not be started (ENOENT)' });
  });

  it('it does not know what a killed program did', async () => {
    const { outcome } = await send([], { argv: ['/bin/sh', '-c', 'kill -9 $$', 'sh'] });
    expect(outcome).toEqual({ kind: 'ambiguous', reason: 'openclaw was killed by SIGKILL; nobody knows whether the gateway sends the message' });
  });

  it.each([1, 2])('it does not know what came of call %i when its time is over', async (call) => {
    const timeout = replay('gwcall-send-hang-client-timeout', 1);
    const scene = openClawStub(context, call === 1 ? [{ hang: true }] : [timeout, { hang: true }], TOKEN);
    const limit = new AbortController();
    const running = create(scene.config, context).attempt(attemptFor(), limit.signal);
    await until(() => scene.calls().length === call, 'the call is under way');
    limit.abort();
    expect(await running).toMatchObject({ kind: 'ambiguous', reason: expect.stringContaining('cut off') });
    expect(scene.calls()).toHaveLength(call);
  });
});
