import type { Expectation } from '../../src/model/catalog.ts';
import { sha256 } from '../../src/model/hash.ts';

/** An expectation as the catalog resolves it; its digest follows from its parts. */
export function expectationOf(parts: Partial<Expectation> = {}): Expectation {
  const expectation: Expectation = {
    declaredBy: 'unattended-work',
    id: 'backup-reports-nightly',
    reason: '',
    subject: 'job/nightly-backup',
    severity: 'error',
    due: { kind: 'schedule', cron: '0 3 * * *', timezone: 'UTC', grace_ms: 1_800_000, early_ms: 0 },
    expect: [],
    produces: null,
    remind: null,
    digest: '',
    ...parts,
  };
  const { subject, due, expect, produces, remind } = expectation;
  return { ...expectation, digest: parts.digest || sha256(JSON.stringify([subject, due, expect, produces, remind])) };
}
