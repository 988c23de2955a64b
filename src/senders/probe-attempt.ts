import type { Attempt } from '../model/outcome.ts';

/** Where it is only asked where a message would go. It is never sent. */
export function attemptToProbe(address: string | undefined): Attempt {
  const id = '20260101T000000.000Z_probe_probe_000000000000';
  const link = { path: 'probe', sha256: '0'.repeat(64) };
  return {
    notice: {
      apiVersion: 'reporting-governance/v1',
      kind: 'Notice',
      id,
      event: link,
      decision: link,
      rule: { pack: 'probe', id: 'probe' },
      target: 'probe',
      requires: 'accepted',
      subject: 'probe',
      eventType: 'notice.test',
      severity: 'info',
      time: '2026-01-01T00:00:00.000Z',
      deadline: null,
      title: 'probe',
      text: '',
    },
    number: 1,
    idempotencyKey: id,
    address,
    now_ms: 0,
  };
}
