import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Notice } from '../../src/model/artifacts.ts';
import { isErrno, RgovError } from '../../src/model/errors.ts';
import type { Attempt } from '../../src/model/outcome.ts';
import { Secret } from '../../src/model/secret.ts';
import type { SenderContext } from '../../src/senders/sender.ts';

export const NOTICE: Notice = {
  apiVersion: 'reporting-governance/v1',
  kind: 'Notice',
  id: '20261122T030000.000Z_failure-reaches-operator_operator_3f9a2c1b7d4e',
  event: { path: 'events/2026-11-22/20261122T030000.000Z_run.failed_job.nightly-backup_0123456789ab.json', sha256: 'a'.repeat(64) },
  decision: { path: 'decisions/2026-11-22/20261122T030000.000Z_run.failed_job.nightly-backup_0123456789ab.json', sha256: 'b'.repeat(64) },
  rule: { pack: 'unattended-work', id: 'failure-reaches-operator' },
  target: 'operator',
  requires: 'accepted',
  subject: 'job/nightly-backup',
  eventType: 'run.failed',
  severity: 'error',
  time: '2026-11-22T03:00:00.000Z',
  deadline: '2026-11-22T03:10:00.000Z',
  title: 'job/nightly-backup failed',
  text: 'exit status 2\nno space left on the backup disk',
};

/** Attempt `number` of a notice, as the bridge would hand it over. */
export function attemptFor(changes: Partial<Attempt> = {}): Attempt {
  const notice = changes.notice ?? NOTICE;
  return { notice, number: 1, idempotencyKey: notice.id, address: undefined, now_ms: Date.parse('2026-11-22T03:00:01.500Z'), ...changes };
}

export interface TestContext extends SenderContext {
  /** What `{env: NAME}` stands for. */
  secrets: Record<string, string>;
  remove(): void;
}

/** A workspace of its own below the system's temporary folder, and secrets that are only there. */
export function testContext(secrets: Record<string, string> = {}): TestContext {
  const workspace = mkdtempSync(join(tmpdir(), 'rgov-senders-'));
  return {
    workspace,
    secrets,
    env: process.env,
    resolveSecret(reference) {
      const value = 'env' in reference ? secrets[reference.env] : undefined;
      if (value === undefined) throw new RgovError('invalid_documents', `there is no secret at ${JSON.stringify(reference)}`);
      return new Secret(value);
    },
    createFile(path, text) {
      mkdirSync(dirname(path), { recursive: true });
      try {
        writeFileSync(path, text, { flag: 'wx' });
        return 'created';
      } catch (error) {
        if (isErrno(error, 'EEXIST')) return 'exists';
        throw error;
      }
    },
    remove: () => rmSync(workspace, { recursive: true, force: true }),
  };
}

/** A value that stands nowhere else, so that finding it anywhere is a leak. */
export function canary(): string {
  return `canary-${randomUUID()}`;
}

/** Waits until `condition` holds; fails after `limit_ms`. */
export async function until(condition: () => boolean, what: string, limit_ms = 10_000): Promise<void> {
  for (const start = performance.now(); !condition(); ) {
    if (performance.now() - start > limit_ms) throw new Error(`waited ${limit_ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
