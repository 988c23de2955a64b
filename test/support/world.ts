import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Applier } from '../../src/apply/index.ts';
import { Supervisor } from '../../src/apply/supervisor.ts';
import type { Evidence, Owner } from '../../src/model/artifacts.ts';
import type { Catalog, NotifyRule, ResolvedSender } from '../../src/model/catalog.ts';
import type { EventDraft } from '../../src/model/event.ts';
import { sha256 } from '../../src/model/hash.ts';
import { fileName } from '../../src/model/names.ts';
import type { Attempt, Outcome } from '../../src/model/outcome.ts';
import type { Liveness } from '../../src/model/snapshot.ts';
import { formatTime } from '../../src/model/time.ts';
import { settle } from '../../src/plan/settle.ts';
import { Admission } from '../../src/run/admission.ts';
import { addEvidence, addLateEvidence } from '../../src/run/evidence.ts';
import { runPass } from '../../src/run/pass.ts';
import type { PassReport } from '../../src/run/pass-report.ts';
import { recordAll } from '../../src/run/record.ts';
import type { Senses } from '../../src/run/senses.ts';
import type { FileSystem } from '../../src/store/files.ts';
import { Layout } from '../../src/store/layout.ts';
import { Publisher } from '../../src/store/publish.ts';
import { quarantine } from '../../src/store/quarantine.ts';
import { readArtifact } from '../../src/store/read.ts';
import { hasRevision, isOutweighed } from '../../src/store/receipts.ts';
import { filesBelow } from './files.ts';

export const NOON_MS = Date.parse('2026-11-22T12:00:00.000Z');

/** An owner whose death is decided by the test. */
export function owner(nonce: string): Owner {
  return {
    machine: 'test-machine',
    boot: 'test-boot',
    pidNamespace: 'test-namespace',
    pid: 4242,
    start: '1',
    nonce: /^[0-9a-f]{1,16}$/.test(nonce) ? nonce.padStart(16, '0') : sha256(nonce).slice(0, 16),
  };
}

export function notifyRule(parts: Partial<NotifyRule> = {}): NotifyRule {
  return {
    pack: 'unattended-work',
    id: 'failure-reaches-operator',
    reason: '',
    when: 'event.type == "run.failed"',
    target: 'operator',
    within_ms: 600_000,
    requires: 'accepted',
    dedupe: null,
    escalate: [],
    ...parts,
  };
}

export function resolvedSender(parts: Partial<ResolvedSender> = {}): ResolvedSender {
  return {
    name: 'hook',
    kind: 'webhook',
    ceiling: 'accepted',
    idempotent: false,
    timeLimit_ms: 10_000,
    concurrency: 16,
    retry: { attempts: 3, initial_ms: 10_000, factor: 2, max_ms: 900_000 },
    rate: null,
    breaker: { failures: 1_000, pause_ms: 60_000 },
    bridge: 'inline',
    config: {},
    ...parts,
  };
}

export function catalogOf(parts: Partial<Catalog> = {}): Catalog {
  return {
    digest: 'd'.repeat(64),
    binding: 'default',
    profile: 'test',
    posture: 'notify',
    requires: 'accepted',
    state: 'state',
    rules: [notifyRule()],
    targets: { operator: { sender: 'hook' } },
    senders: { hook: resolvedSender() },
    expectations: [],
    schedule: null,
    activation: {},
    gapAfter_ms: null,
    heartbeat: null,
    sources: [],
    gates: [],
    acknowledge: null,
    seal: null,
    ...parts,
  };
}

export function failedRun(id: string, parts: Partial<EventDraft> = {}): EventDraft {
  return {
    source: 'test',
    id,
    type: 'run.failed',
    subject: 'job/nightly-backup',
    time: '2026-11-22T11:59:00.000Z',
    provenance: 'observed',
    data: { summary: 'exit code 3', exitCode: 3 },
    ...parts,
  };
}

export type Script = (attempt: Attempt) => Outcome | Promise<Outcome>;

export const accept: Script = ({ idempotencyKey }) => ({ kind: 'proved', level: 'accepted', reference: `ref ${idempotencyKey}` });

export interface PassOptions {
  now_ms?: number;
  catalog?: Catalog;
  send?: Script;
  nonce?: string;
  livenessOf?: (owner: Owner) => Liveness;
  io?: FileSystem;
  onSent?: (attempt: Attempt) => void;
  /** Everything that processes before this one remembered is lost. */
  forget?: boolean;
  /** Of a process that makes many passes; without it each pass is a process of its own. */
  senses?: Senses;
}

/** A state folder of its own, with everything around it decided by the test. */
export class World {
  readonly root: string;
  readonly layout: Layout;
  /** Every message that went out, in order. */
  readonly sent: Attempt[] = [];

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'rgov-test-'));
    this.layout = new Layout(join(this.root, 'state'));
  }

  async record(drafts: readonly EventDraft[], now_ms = NOON_MS): Promise<void> {
    await recordAll(this.layout, new Publisher(this.layout, 'emitter'), drafts, now_ms);
  }

  async pass(options: PassOptions = {}): Promise<PassReport> {
    const { now_ms = NOON_MS, catalog = catalogOf(), send = accept, nonce = '1', livenessOf = () => 'dead' } = options;
    const clock = (): number => now_ms;
    if (options.forget) rmSync(this.layout.cache, { recursive: true, force: true });
    const publisher = new Publisher(this.layout, nonce, ...(options.io ? [options.io] : []));
    const admission = new Admission(this.layout, clock);
    const supervisor = new Supervisor({
      publisher,
      clock,
      senderFor: async () => ({
        attempt: async (attempt) => {
          this.sent.push(attempt);
          options.onSent?.(attempt);
          return send(attempt);
        },
      }),
      settle: (attempt, outcome) => settle(attempt, outcome, now_ms),
      recordBeside: ({ notice, handoff }, outcome, receipt) => {
        const [evidence] = receipt.document.evidence;
        if (outcome.kind === 'proved' && evidence) addLateEvidence(this.layout, publisher, notice.name, evidence, handoff, now_ms);
      },
      isOutweighed: (receipt) => isOutweighed(this.layout, receipt),
      isThere: (claim) => publisher.isThere(claim),
      admit: (sender) => admission.admit(sender),
      onRecorded: (attempt, item) => admission.heard(attempt.sender.name, item),
      isSettled: ({ notice, reopened }) => hasRevision(this.layout, notice.name, (reopened?.document.revision ?? 0) + 1),
    });
    const applier: Applier = { publisher, supervisor, quarantine: (file) => quarantine(this.layout, file, now_ms) };
    return runPass({
      workspace: { root: this.root, catalog, layout: this.layout },
      clock,
      applier,
      admission,
      host: { owner: owner(nonce), livenessOf },
      ...(options.senses ? { senses: options.senses } : {}),
      ...(options.io ? { io: options.io } : {}),
    });
  }

  /** A file below the workspace, as a job leaves it behind. */
  output(path: string, bytes: number, changed_ms: number): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'x'.repeat(bytes));
    utimesSync(file, changed_ms / 1000, changed_ms / 1000);
  }

  /** Puts a file into the drop folder, as any program may: written elsewhere, then renamed. */
  drop(file: string, content: string | Uint8Array, changed_ms?: number): void {
    const outside = join(this.root, `dropping-${file}`);
    writeFileSync(outside, content);
    if (changed_ms !== undefined) utimesSync(outside, changed_ms / 1000, changed_ms / 1000);
    mkdirSync(this.layout.inbox, { recursive: true });
    renameSync(outside, join(this.layout.inbox, file));
  }

  /** A named human says that every notice to a target has reached them. */
  acknowledge(target: string, by: string, now_ms: number): void {
    const evidence: Evidence = { level: 'acknowledged', by: `human:${by}`, at: formatTime(now_ms), reference: 'test' };
    for (const path of this.paths()) {
      const [, name] = /^queue\/[^/]+\/([^/]+)\.json$/.exec(path) ?? [];
      const read = name === undefined ? null : readArtifact(this.layout, 'notice', 'queue', name, fileName.notice(name));
      if (read?.kind !== 'ok' || read.stored.document.target !== target) continue;
      addEvidence(this.layout, new Publisher(this.layout, by), read.stored.name, evidence, null, now_ms);
    }
  }

  /** All files below `state/` but the machine's own, with their text. */
  files(): Record<string, string> {
    return filesBelow(this.layout.root);
  }

  /** Paths without their day, for short expectations: `receipts/..._3f9a2c1b7d4e.1.acked.json`. */
  paths(): string[] {
    return Object.keys(this.files()).sort();
  }

  write(path: string, text: string | Uint8Array): void {
    const file = join(this.layout.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  copyFrom(folder: string): void {
    if (existsSync(folder)) cpSync(folder, this.layout.root, { recursive: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
