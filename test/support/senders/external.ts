import type { SenderHarness } from './harness.ts';

/** Nothing leaves the process, so nothing can fail: the handoff on disk is the delivery. */
export const external: SenderHarness = {
  handsOver: true,
  succeeds: async () => ({ config: { system: 'pager-desk' }, delivered: () => [], close: async () => {} }),
  hangs: null,
  refuses: null,
  failsForNow: null,
  echoesSecrets: null,
};
