import type { ConfirmationDraft } from '../../../src/adapters/adapter.ts';

/** The notice is named in the text, and some line says the action that such evidence or failure needs. */
export function confirms({ handoff, evidence, failed }: ConfirmationDraft, input: Uint8Array): string | null {
  const text = Buffer.from(input).toString('utf8');
  if (!text.includes(handoff)) return `the input never names ${handoff}`;
  const action = failed !== undefined ? 'failed' : evidence === 'delivered' ? 'delivered' : '(relayed|expanded)';
  if (!new RegExp(`^action:\\s*${action}`, 'im').test(text)) return `no line says the action ${action}`;
  return failed !== undefined || /^status:\s*2\./im.test(text) ? null : 'no line says a status of success';
}
