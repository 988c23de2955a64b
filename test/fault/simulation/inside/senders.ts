/// <reference path="./world.d.ts" />
import type { Outcome } from '../../../../src/model/outcome.ts';
import type { CreateSender, SenderKind } from '../../../../src/senders/sender.ts';

// Stands in for src/senders/registry.generated.ts: one kind of sender, whose receivers are simulated.

const create: CreateSender = ({ receiver }) => ({
  attempt: (attempt, signal) =>
    new Promise<Outcome>((resolve, reject) => {
      const settle = (outcome: string): void => resolve(JSON.parse(outcome) as Outcome);
      __simulation.send(String(receiver), JSON.stringify(attempt), signal, settle, (error) => reject(new Error(error)));
    }),
});

export const SENDER_KINDS: Record<string, Pick<SenderKind, 'load'>> = { simulated: { load: async () => create } };
