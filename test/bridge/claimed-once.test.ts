import { expect, it } from 'vitest';
import { Supervisor } from '../../src/apply/supervisor.ts';
import type { ClaimingStep } from '../../src/model/claims.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { settle } from '../../src/plan/settle.ts';
import { claimingStep } from '../support/claiming-step.ts';
import { NOON_MS, resolvedSender } from '../support/world.ts';

const sender = resolvedSender({ idempotent: false, concurrency: 2 });

/** A supervisor whose receiver answers when it is told to, on a disk where a name is created once. */
function underTest() {
  const onDisk = new Set<string>();
  const answers = new Map<string, () => void>();
  const supervisor = new Supervisor({
    clock: () => NOON_MS,
    publisher: {
      publishAll: async (items) =>
        items.map(({ publication: { file } }) => {
          if (onDisk.has(file)) return 'differs';
          onDisk.add(file);
          return 'created';
        }),
    },
    senderFor: async () => ({
      attempt: async ({ idempotencyKey }) => {
        await new Promise<void>((resolve) => answers.set(idempotencyKey, resolve));
        return { kind: 'proved', level: 'accepted', reference: 'r' } satisfies Outcome;
      },
    }),
    settle: (attempt, outcome) => settle(attempt, outcome, NOON_MS),
    recordBeside: () => {},
    admit: () => null,
    onRecorded: () => {},
    isSettled: () => false,
  });
  return { supervisor, answers, claim: (step: ClaimingStep) => onDisk.add(step.publication.file) };
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
};

it('an attempt that is under way here is not claimed once more for a plan that is older than its claim', async () => {
  const { supervisor, answers, claim } = underTest();
  const step = claimingStep(1, sender);
  const name = step.attempt.notice.name;
  expect(supervisor.ask(step)).toBe('now');
  claim(step);
  supervisor.begin(step.attempt);
  await turns();
  expect(supervisor.ask(step)).toEqual({ because: 'attempt_in_flight', until_ms: NOON_MS + 5_000 });
  expect(supervisor.hasInHand(name)).toBe(true);
  answers.get(name)?.();
  await supervisor.idle();
  expect(supervisor.hasInHand(name)).toBe(false);
});

it('what waited for its turn and got it while it was planned anew is not forgotten by that', async () => {
  const { supervisor, answers, claim } = underTest();
  const [first, second, third] = [claimingStep(1, sender), claimingStep(2, sender), claimingStep(3, sender)];
  const answer = async ({ attempt }: ClaimingStep): Promise<void> => {
    answers.get(attempt.notice.name)?.();
    await turns();
  };
  for (const step of [first, second]) {
    expect(supervisor.ask(step)).toBe('now');
    claim(step);
    supervisor.begin(step.attempt);
  }
  expect(supervisor.ask(third)).toBe('later');
  supervisor.hold(third);
  await turns();
  // The next look plans it once more, and while that is published its turn comes.
  expect(supervisor.ask(third)).toBe('later');
  await answer(first);
  expect(answers.has(third.attempt.notice.name)).toBe(true);
  const { because } = supervisor.hold(third);
  await answer(second);
  expect(supervisor.hasInHand(third.attempt.notice.name)).toBe(true);
  expect(because).toBe('attempt_in_flight');
  await answer(third);
  await supervisor.idle();
});
