import type { Outcome } from '../../model/outcome.ts';
import type { CreateSender } from '../sender.ts';

/**
 * The handoff itself is the delivery: it lies durably in `state/handoffs/` before this is asked, and whoever reads it there may have acted on it already.
 * So the answer is the same at any time, also after the abort signal: that system has it. What came of it, only that system can say (`rgov confirm`).
 */
export const create: CreateSender = (config) => {
  const { system } = config as { system: string };
  return {
    async attempt(): Promise<Outcome> {
      return { kind: 'custody', who: `external:${system}`, detail: 'the handoff is the delivery; that system confirms what came of it' };
    },
  };
};
