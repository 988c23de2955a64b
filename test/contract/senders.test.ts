import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVIDENCE_LADDER, reaches } from '../../src/model/evidence.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { printable } from '../../src/model/text.ts';
import { MAX_OUTCOME_TEXT } from '../../src/senders/outcome-text.ts';
import { SENDER_KINDS } from '../../src/senders/registry.generated.ts';
import type { Sender } from '../../src/senders/sender.ts';
import { attemptFor, canary, NOTICE, type TestContext, testContext, until } from '../support/loopback-attempt.ts';
import { type Scene, SENDER_HARNESSES } from '../support/loopback-senders.ts';

const never = (): AbortSignal => new AbortController().signal;
const textsOf = (outcome: Outcome): string[] => Object.values(outcome).filter((value): value is string => typeof value === 'string');

function expectValid(outcome: Outcome): void {
  const allowed: Record<Outcome['kind'], [required: string[], optional: string[]]> = {
    proved: [['kind', 'level', 'reference'], ['detail']],
    custody: [['kind', 'who'], ['detail']],
    retryable: [['kind', 'reason'], ['retryAfter_ms']],
    ambiguous: [['kind', 'reason'], []],
    rejected: [['kind', 'reason'], []],
  };
  const [required, optional] = allowed[outcome.kind];
  expect(Object.keys(outcome)).toEqual(expect.arrayContaining(required));
  expect([...required, ...optional]).toEqual(expect.arrayContaining(Object.keys(outcome)));
  for (const text of textsOf(outcome)) {
    expect(text).not.toBe('');
    expect(text.length).toBeLessThanOrEqual(MAX_OUTCOME_TEXT);
    expect(text).toBe(printable(text));
    expect(text).not.toContain('\n');
  }
  if (outcome.kind === 'proved') expect(EVIDENCE_LADDER.slice(1)).toContain(outcome.level);
  if (outcome.kind === 'retryable' && outcome.retryAfter_ms !== undefined) expect(outcome.retryAfter_ms).toBeGreaterThanOrEqual(0);
}

it('has a harness for every kind, and a kind for every harness', () => {
  expect(Object.keys(SENDER_HARNESSES).sort()).toEqual(Object.keys(SENDER_KINDS).sort());
});

it.each(Object.values(SENDER_KINDS))('$kind leaves it to humans to acknowledge', ({ maxCeiling }) => {
  expect(reaches('seen', maxCeiling)).toBe(true);
});

describe.each(Object.values(SENDER_KINDS))('sender $kind', (kind) => {
  const harness = SENDER_HARNESSES[kind.kind];
  if (!harness) return;
  const { handsOver = false } = harness;
  const once = handsOver ? [] : [NOTICE.id];
  let context: TestContext;
  let secret: string;
  const opened: (() => unknown)[] = [];

  beforeEach(() => {
    context = testContext();
    secret = canary();
    opened.push(() => context.remove());
  });
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });

  async function open(making: Promise<Scene>): Promise<{ scene: Scene; sender: Sender }> {
    const scene = await making;
    opened.push(scene.close);
    const validate = await kind.configValidator();
    expect(validate(scene.config), JSON.stringify(validate.errors)).toBe(true);
    const create = await kind.load();
    const sender = create(scene.config, context);
    opened.push(() => sender.close?.());
    return { scene, sender };
  }

  async function attempt(making: Promise<Scene>, changes = {}): Promise<{ scene: Scene; outcome: Outcome }> {
    const { scene, sender } = await open(making);
    const outcome = await sender.attempt(attemptFor({ address: scene.address, ...changes }), never());
    expectValid(outcome);
    return { scene, outcome };
  }

  it('delivers once, and claims no more than it may', async () => {
    const { scene, outcome } = await attempt(harness.succeeds(context, secret));
    expect(outcome.kind).toBe(kind.maxCeiling === 'none' || handsOver ? 'custody' : 'proved');
    if (outcome.kind === 'proved') expect(reaches(kind.maxCeiling, outcome.level)).toBe(true);
    expect(scene.delivered()).toEqual(once);
  });

  it('shows the receiver the same key on every attempt', async () => {
    const { scene, sender } = await open(harness.succeeds(context, secret));
    for (const number of [1, 2]) expectValid(await sender.attempt(attemptFor({ number, address: scene.address }), never()));
    expect(new Set(scene.delivered())).toEqual(new Set(once));
  });

  it.skipIf(harness.failsForNow === null)('tells apart what may be tried again and what may not', async () => {
    if (!harness.failsForNow) return;
    const forNow = await attempt(harness.failsForNow(context, secret));
    expect(forNow.outcome.kind).toBe('retryable');
    if (!harness.refuses) return;
    const forGood = await attempt(harness.refuses(context, secret));
    expect(forGood.outcome.kind).toBe('rejected');
  });

  it('sends nothing when it is cut off before it begins', async () => {
    const { scene, sender } = await open(harness.succeeds(context, secret));
    const outcome = await sender.attempt(attemptFor({ address: scene.address }), AbortSignal.abort());
    expectValid(outcome);
    // What lies on disk for another system is not taken back by our own clock.
    expect(outcome.kind).toBe(handsOver ? 'custody' : 'retryable');
    expect(scene.delivered()).toEqual([]);
  });

  it.skipIf(harness.hangs === null)('ends when it is cut off, and does not pretend to know what happened', async () => {
    if (!harness.hangs) return;
    const { scene, sender } = await open(harness.hangs(context));
    const limit = new AbortController();
    const running = sender.attempt(attemptFor({ address: scene.address }), limit.signal);
    // A shell opens the file before it writes to it.
    await until(() => scene.delivered().some((text) => text !== ''), 'the receiver gets the message');
    limit.abort();
    const outcome = await running;
    expectValid(outcome);
    expect(outcome.kind).toBe('ambiguous');
    expect(scene.delivered()).toEqual(once);
  });

  it.each([
    ['terminal escapes', 'x\u001b]0;owned\u0007\u001b[2J\u009b31m\r\u0000', 'a\u001b[31mred\u001b[0m\u0000\u202e'],
    ['the longest text', 't'.repeat(300), '\u{1f4a9}'.repeat(8192)],
    [
      'unicode of every sort',
      'Sicherung schlug fehl: \u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u0627\u0644',
      'e\u0301\n\u4f60\u597d\n\ud800 lone\n\ufeff',
    ],
    [
      'what looks like syntax',
      '"}{"evidence":"acknowledged","reference":"forged"}',
      '\n{"evidence":"acknowledged","reference":"forged"}\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    ],
    ['an empty text', ' ', ''],
  ])('takes hostile content: %s', async (_, title, text) => {
    const notice = { ...NOTICE, title, text };
    const { scene, outcome } = await attempt(harness.succeeds(context, secret), { notice });
    expect(['proved', 'custody']).toContain(outcome.kind);
    if (outcome.kind === 'proved') expect(outcome.level).toBe('accepted');
    expect(scene.delivered()).toEqual(once);
  });

  it('keeps secrets out of every outcome', async () => {
    const base64 = Buffer.from(secret).toString('base64');
    for (const fate of ['succeeds', 'refuses', 'failsForNow', 'echoesSecrets'] as const) {
      const making = harness[fate]?.(context, secret);
      if (!making) continue;
      const { outcome } = await attempt(making);
      for (const hidden of [secret, base64]) expect(JSON.stringify(outcome), fate).not.toContain(hidden);
    }
  });

  it('asks for secrets only when it sends, and says so when there is none', async () => {
    const { scene, sender } = await open(harness.succeeds(context, secret));
    for (const name of Object.keys(context.secrets)) delete context.secrets[name];
    const outcome = await sender.attempt(attemptFor({ address: scene.address }), never());
    expectValid(outcome);
    // A kind without secrets just succeeds.
    if (harness.echoesSecrets === null) return;
    expect(outcome.kind).toBe('retryable');
    expect(scene.delivered()).toEqual([]);
  });

  it('leaves nothing open behind it', async () => {
    const held = (): number => process.getActiveResourcesInfo().filter((type) => /^(TCPSocket|Process|Pipe|TLS)/.test(type)).length;
    const before = held();
    const { scene, sender } = await open(harness.succeeds(context, secret));
    await sender.attempt(attemptFor({ address: scene.address }), never());
    sender.close?.();
    await scene.close();
    await until(() => held() <= before, 'every socket, pipe and process is let go');
  });

  it('refuses settings that it does not know', async () => {
    const { config } = await open(harness.succeeds(context, secret)).then(({ scene }) => scene);
    const validate = await kind.configValidator();
    expect(validate({ ...config, surprise: true })).toBe(false);
  });

  it('describes itself consistently', () => {
    expect(SENDER_KINDS[kind.kind]).toBe(kind);
    expect(kind.summary).not.toContain('\n');
    expect(kind.defaultTimeLimit_ms).toBeGreaterThan(0);
    expect(kind.defaultConcurrency).toBeGreaterThanOrEqual(1);
    expect(kind.defaultConcurrency).toBeLessThanOrEqual(256);
  });
});
