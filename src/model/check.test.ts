import { expect, it } from 'vitest';
import { check } from './check.ts';

const link = (stage: string, file: string) => ({ path: `${stage}/2026-11-22/${file}.json`, sha256: 'a'.repeat(64) });
const NAME = '20261122T115900.000Z_failure-reaches-operator_operator_0123456789ab';

const receipt = (level: string, by: string, ceiling: string): object => ({
  apiVersion: 'reporting-governance/v1',
  kind: 'Receipt',
  notice: link('queue', NAME),
  handoff: link('handoffs', `${NAME}.1`),
  revision: 1,
  status: 'acked',
  reason: 'evidence_sufficient',
  detail: '',
  requires: 'accepted',
  ceiling,
  evidence: [{ level, by, at: '2026-11-22T12:00:00.000Z', reference: 'r-1' }],
  custody: null,
  previous: null,
  recordedAt: '2026-11-22T12:00:00.000Z',
});

it.each(['sender:hook', 'report:gateway'])('%s acknowledges nothing, whatever ceiling the receipt names', (by) => {
  expect(check('receipt', receipt('acknowledged', by, 'acknowledged'))?.detail).toContain('is no named human');
  expect(check('receipt', receipt('seen', by, 'seen'))).toBeNull();
  expect(check('receipt', receipt('seen', by, 'delivered'))?.detail).toContain('its ceiling is delivered');
});

it('a named human acknowledges above every ceiling', () => {
  expect(check('receipt', receipt('acknowledged', 'human:alice', 'none'))).toBeNull();
});
