import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/model/outcome.ts';
import type { PassReport } from '../../src/run/pass-report.ts';
import { catalogOf, failedRun, NOON_MS, notifyRule, type PassOptions, resolvedSender, World } from '../support/world.ts';

const PAUSE_MS = 60_000;
const RETRY_MS = 30_000;

/** The circuit opens after three notices in a row that did not get through; their retries are due long before it closes again. */
const catalog = catalogOf({
  rules: [notifyRule(), notifyRule({ id: 'progress-reaches-manager', when: 'event.type == "run.progress"', target: 'manager' })],
  targets: { operator: { sender: 'hook' }, manager: { sender: 'other' } },
  senders: {
    hook: resolvedSender({
      concurrency: 1,
      retry: { attempts: 100, initial_ms: RETRY_MS, factor: 1, max_ms: RETRY_MS },
      breaker: { failures: 3, pause_ms: PAUSE_MS },
    }),
    other: resolvedSender({ name: 'other' }),
  },
});

const fail: Outcome = { kind: 'retryable', reason: 'HTTP 503' };

let world: World;
let passes = 0;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

/** One pass of a process of its own, so many milliseconds after noon: what it sent, and what waits for what. */
async function pass(after_ms: number, options: PassOptions = {}): Promise<{ sent: number; waiting: PassReport['waiting'] }> {
  const before = world.sent.length;
  const { waiting, failures } = await world.pass({ catalog, now_ms: NOON_MS + after_ms, nonce: `process ${++passes}`, ...options });
  expect(failures).toEqual([]);
  return { sent: world.sent.length - before, waiting };
}

/** A failed run of a job of its own, and a process that makes a pass right after it. */
async function tell(after_ms: number, send?: () => Outcome): Promise<{ sent: number; waiting: PassReport['waiting'] }> {
  await world.record([failedRun(`at ${after_ms}`, { subject: `job/${after_ms}` })], NOON_MS + after_ms);
  return pass(after_ms, send ? { send } : {});
}

/** Three notices that did not get through, one after the other: the last of them two milliseconds after noon. */
async function openCircuit(): Promise<void> {
  for (let after_ms = 0; after_ms < 3; after_ms++) expect((await tell(after_ms, () => fail)).sent).toBe(1);
}
const CLOSES_MS = 2 + PAUSE_MS;

const reasons = (waiting: PassReport['waiting']): string[] => [
  ...new Set(waiting.map(({ because }) => because).filter((because) => because !== 'proof_awaited')),
];
const untils = (waiting: PassReport['waiting'], because: string): (number | null)[] => [
  ...new Set(waiting.filter((item) => item.because === because).map(({ until_ms }) => until_ms)),
];

describe('the circuit of a sender', () => {
  it('opens after so many failures of different notices, and a new process reads that off the disk', async () => {
    await openCircuit();
    const { sent, waiting } = await tell(3);
    expect(sent).toBe(0);
    expect(untils(waiting, 'circuit_open')).toEqual([NOON_MS + CLOSES_MS]);
    const later = await pass(CLOSES_MS - 1);
    expect([later.sent, reasons(later.waiting)]).toEqual([0, ['circuit_open']]);
    expect(later.waiting.filter(({ because }) => because === 'circuit_open')).toHaveLength(4);
    expect((await pass(CLOSES_MS - 1, { forget: true })).sent).toBe(0);
  });

  it('lets one attempt through after the pause, and stays open when that one fails', async () => {
    await openCircuit();
    const { sent, waiting } = await pass(CLOSES_MS, { send: () => fail });
    expect(sent).toBe(1);
    expect(untils(waiting, 'circuit_open')).toEqual([NOON_MS + CLOSES_MS + PAUSE_MS]);
    expect((await pass(CLOSES_MS + PAUSE_MS - 1)).sent).toBe(0);
  });

  it('closes when that one gets through, and everything that waited goes out', async () => {
    await openCircuit();
    await pass(CLOSES_MS);
    await pass(CLOSES_MS + 1);
    expect(world.paths().filter((path) => path.endsWith('.acked.json'))).toHaveLength(3);
    expect((await tell(CLOSES_MS + 2)).sent).toBe(1);
  });

  it('does not open when something got through between the failures', async () => {
    await tell(0, () => fail);
    await tell(1, () => fail);
    await tell(2);
    await tell(3, () => fail);
    expect((await tell(4)).sent).toBe(1);
  });

  it('does not open for one notice that fails again and again, nor for one that is refused', async () => {
    for (let after_ms = 0; after_ms < 3; after_ms++) await tell(after_ms, () => ({ kind: 'rejected', reason: 'HTTP 410' }));
    await tell(3, () => fail);
    for (let n = 1; n <= 5; n++) expect((await pass(3 + n * RETRY_MS, { send: () => fail })).sent).toBe(1);
  });

  it('holds up no other sender', async () => {
    await openCircuit();
    await world.record([failedRun('progress', { type: 'run.progress' })]);
    expect((await pass(3)).sent).toBe(1);
  });
});

describe('a receiver that asks to be left alone', () => {
  const WAIT_MS = 600_000;

  it('is sent nothing more by anybody until then', async () => {
    await tell(0, () => ({ kind: 'retryable', reason: 'HTTP 429', retryAfter_ms: WAIT_MS }));
    await world.record([failedRun('later', { subject: 'job/later' }), failedRun('progress', { type: 'run.progress' })], NOON_MS + 1_000);
    const early = await pass(WAIT_MS - 1);
    expect(early.sent, 'the other sender is asked nothing').toBe(1);
    expect(early.waiting.filter(({ because }) => because === 'receiver_asked')).toEqual([
      expect.objectContaining({ because: 'receiver_asked', until_ms: NOON_MS + WAIT_MS }),
    ]);
    expect((await pass(WAIT_MS)).sent).toBe(2);
  });
});
