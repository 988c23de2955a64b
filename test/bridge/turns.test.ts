import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Supervisor } from '../../src/apply/supervisor.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { settle } from '../../src/plan/settle.ts';
import { Layout } from '../../src/store/layout.ts';
import { takeTurn } from '../../src/store/rate.ts';
import { claimingStep } from '../support/claiming-step.ts';
import { NOON_MS, resolvedSender } from '../support/world.ts';

const RATE = { count: 2, per_ms: 1_000 };
const sender = resolvedSender({ idempotent: true, concurrency: 1, rate: RATE });

it('what was claimed while a receiver was slow does not go out faster than the rate when it is quick again', async () => {
  const root = mkdtempSync(join(tmpdir(), 'rgov-turns-'));
  try {
    const layout = new Layout(join(root, 'state'));
    let now_ms = NOON_MS;
    let isSlow = true;
    const answers: (() => void)[] = [];
    const sentAt_ms: number[] = [];
    const supervisor = new Supervisor({
      clock: () => now_ms,
      publisher: { publishAll: async (items) => items.map(() => 'created') },
      senderFor: async () => ({
        attempt: async () => {
          sentAt_ms.push(now_ms);
          if (isSlow) await new Promise<void>((resolve) => answers.push(resolve));
          return { kind: 'proved', level: 'accepted', reference: 'r' } satisfies Outcome;
        },
      }),
      settle: (attempt, outcome) => settle(attempt, outcome, now_ms),
      recordBeside: () => {},
      admit: () => {
        const until_ms = takeTurn(layout, sender.name, RATE, now_ms);
        return until_ms === null ? null : { because: 'rate_limited', until_ms };
      },
      onRecorded: () => {},
      isSettled: () => false,
    });
    // Twenty seconds in which as many attempts are due as may be made, to a receiver that does not answer.
    let n = 0;
    for (let second = 0; second < 20; second++, now_ms += RATE.per_ms) {
      for (let i = 0; i < RATE.count; i++) {
        const step = claimingStep(n++, sender);
        const answer = supervisor.ask(step);
        if (answer === 'now') supervisor.begin(step.attempt);
        else if (answer === 'later') supervisor.hold(step);
      }
      await Promise.resolve();
    }
    isSlow = false;
    for (const answer of answers) answer();
    await supervisor.idle();
    const inOneSecond = sentAt_ms.map((from_ms) => sentAt_ms.filter((at_ms) => at_ms >= from_ms && at_ms < from_ms + RATE.per_ms).length);
    expect(sentAt_ms.length).toBeGreaterThan(0);
    expect(Math.max(...inOneSecond)).toBeLessThanOrEqual(RATE.count);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
