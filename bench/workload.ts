import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Owner } from '../src/model/artifacts.ts';
import type { Catalog } from '../src/model/catalog.ts';
import type { EventDraft } from '../src/model/event.ts';
import { liveApplier } from '../src/run/applier.ts';
import { livenessOf, thisOwner } from '../src/run/host.ts';
import { runPass } from '../src/run/pass.ts';
import type { Workspace } from '../src/run/workspace.ts';
import { Layout } from '../src/store/layout.ts';

/** A fresh workspace, removed at the end: recently freed inodes slow creation on ext4, so nothing is removed between rounds. */
export function freshWorkspace(base: string, catalog: Catalog): Workspace {
  const root = mkdtempSync(join(base, 'round-'));
  return { root, catalog, layout: new Layout(join(root, 'state')) };
}

export function removeAll(base: string): void {
  rmSync(base, { recursive: true, force: true });
}

/** One rule, one target, one signed webhook on loopback. */
export function webhookCatalog(port: number): Catalog {
  return {
    digest: 'b'.repeat(64),
    binding: 'default',
    profile: 'bench',
    expectations: [],
    schedule: null,
    activation: {},
    gapAfter_ms: null,
    heartbeat: null,
    sources: [],
    gates: [],
    acknowledge: null,
    seal: null,
    posture: 'notify',
    requires: 'accepted',
    state: 'state',
    rules: [
      {
        pack: 'bench',
        id: 'failure-reaches-operator',
        reason: '',
        when: 'event.type == "run.failed"',
        target: 'operator',
        within_ms: 600_000,
        requires: 'accepted',
        dedupe: null,
        escalate: [],
      },
    ],
    targets: { operator: { sender: 'hook' } },
    senders: {
      hook: {
        name: 'hook',
        kind: 'webhook',
        ceiling: 'accepted',
        idempotent: true,
        timeLimit_ms: 10_000,
        concurrency: 32,
        rate: null,
        breaker: { failures: 1_000, pause_ms: 60_000 },
        bridge: 'inline' as const,
        retry: { attempts: 5, initial_ms: 10_000, factor: 2, max_ms: 900_000 },
        config: { url: `http://127.0.0.1:${port}/hook`, allowHosts: ['127.0.0.1'], secret: { env: 'RGOV_BENCH_SECRET' } },
      },
    },
  };
}

export function failures(n: number, from = 0): EventDraft[] {
  return Array.from({ length: n }, (_, i) => ({
    source: 'bench',
    id: `run-${from + i}`,
    type: 'run.failed',
    subject: `job/nightly-${(from + i) % 10}`,
    time: new Date(Date.now() - 1000 + i).toISOString(),
    provenance: 'observed' as const,
    data: { summary: 'exit code 3 after 12m: no space left on device', exitCode: 3, durationMs: 720_000 },
  }));
}

/** A pass with the real senders, the real disk and the real clock. */
export async function pass(workspace: Workspace, live = liveApplier(workspace, Date.now)): Promise<Awaited<ReturnType<typeof runPass>>> {
  return runPass({
    workspace,
    clock: Date.now,
    applier: live.applier,
    host: { owner: thisOwner(), livenessOf: (owner: Owner) => livenessOf(owner) },
  });
}
