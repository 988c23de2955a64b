import { API_VERSION, type Claim } from '../../src/model/artifacts.ts';
import type { ResolvedSender } from '../../src/model/catalog.ts';
import type { ClaimingStep } from '../../src/model/claims.ts';
import { publication } from '../../src/model/publication.ts';
import type { PlannedAttempt } from '../../src/model/steps.ts';
import { owner } from './world.ts';

/** The claim on the first attempt of the n-th notice that was handed to a bridge. */
export function claimingStep(n: number, sender: ResolvedSender): ClaimingStep {
  const name = `20261122T120000.000Z_failure-reaches-operator_operator_${String(n).padStart(12, '0')}`;
  const handoff = { path: `handoffs/2026-11-22/${name}.1.json`, sha256: '0'.repeat(64) };
  const document: Claim = {
    apiVersion: API_VERSION,
    kind: 'Claim',
    handoff,
    owner: owner('1'),
    claimedAt: '2026-11-22T12:00:00.000Z',
    leaseMs: 40_000,
  };
  const notice = { name, link: { path: `queue/2026-11-22/${name}.json`, sha256: '0'.repeat(64) }, document: { requires: 'accepted' } };
  const attempt = { notice, number: 1, tries: 1, target: 'operator', fallbacks: [], reopened: null, sender, address: undefined, handoff };
  return {
    kind: 'claim',
    chain: name,
    publication: publication('claim', 'handoffs', name, `${name}.1.claimed.json`, document),
    // Of the notice nothing but what it requires is asked.
    attempt: attempt as unknown as PlannedAttempt,
  };
}
