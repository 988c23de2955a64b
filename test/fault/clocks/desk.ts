import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { API_VERSION, type Event, type Notice, type PolicyPack, type Receipt, type RuntimeBinding } from '../../../src/model/artifacts.ts';
import { currentReceipt } from '../../../src/model/truth.ts';
import { Running } from '../../bridge/running.ts';
import { BridgeWorkspace, webhookTo } from '../../bridge/workspace.ts';
import { drop, failedEvent, sleep } from '../../support/watching.ts';
import { audit } from '../chaos/audit.ts';
import { type Ended, runOnce } from '../chaos/once.ts';
import { Random } from '../chaos/random.ts';
import { MoodyReceiver } from '../chaos/receiver.ts';
import { StateFiles } from '../chaos/state-files.ts';
import { verified } from '../chaos/verified.ts';
import type { Wrong } from '../owners/scene.ts';
import { FakedClock } from './faked-clock.ts';

type Sender = NonNullable<RuntimeBinding['spec']['senders']>[string];

export interface DeskOptions {
  /** Path of `rgov.cjs`. */
  program: string;
  seed?: number;
  /** How the receiver answers; it answers at once where nothing is said. */
  moods?: ConstructorParameters<typeof MoodyReceiver>[1];
  sender?: Omit<Sender, 'use'>;
}

const ALWAYS_ANSWERS = { 'answers slowly': 0, 'hangs up': 0, 'breaks off': 0, 'is overloaded': 0, 'asks to wait': 0 };

/** One state, one clock that may be set, and those who go by it. */
export class Desk {
  readonly clock = new FakedClock();
  readonly workspace = new BridgeWorkspace();
  readonly receiver: MoodyReceiver;
  readonly #options: DeskOptions;
  readonly #running: Running[] = [];
  readonly #told: string[] = [];
  #seal: { after: string } | undefined;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.receiver = new MoodyReceiver(new Random(options.seed ?? 1), { ...ALWAYS_ANSWERS, ...options.moods });
  }

  async open(): Promise<this> {
    await this.receiver.listen();
    mkdirSync(join(this.workspace.root, 'bindings'));
    this.#bind();
    return this;
  }

  /** Days are sealed when they have been over for so long. */
  sealAfter(after: string): void {
    this.#seal = { after };
    this.#bind();
  }

  expectReports(expect: NonNullable<PolicyPack['spec']['expect']>): void {
    const notify = ['run.failed', 'report.overdue'].map((type, i) => ({ id: `told-${i}`, when: `event.type == "${type}"`, target: 'operator' }));
    this.#write('policy/bridge.yaml', 'PolicyPack', 'bridge', { expect, notify });
  }

  #bind(): void {
    const retry = { attempts: 100, initial: '100ms', factor: 1 };
    const hook = { ...webhookTo(this.receiver.origin), idempotent: true, retry, ...this.#options.sender };
    const targets = { operator: { sender: 'hook' } };
    this.#write('bindings/default.yaml', 'RuntimeBinding', 'default', {
      profile: 'bridge',
      state: 'state',
      targets,
      senders: { hook },
      ...(this.#seal && { seal: this.#seal }),
    });
  }

  #write(path: string, kind: string, name: string, spec: object): void {
    writeFileSync(join(this.workspace.root, path), stringify({ apiVersion: API_VERSION, kind, metadata: { name }, spec }));
  }

  dropOne(): string {
    const id = String(this.#told.length + 1);
    this.#told.push(id);
    drop(this.workspace.root, `${id}.json`, failedEvent(id));
    return id;
  }

  async watch(): Promise<Running> {
    const command = [process.execPath, this.#options.program, 'watch', '--rescan', '1s', '-C', this.workspace.root, '--json'];
    const one = new Running(command, { env: this.clock.env });
    this.#running.push(one);
    return one.up();
  }

  rgov(...args: string[]): Promise<Ended> {
    return runOnce([process.execPath, this.#options.program, ...args, '-C', this.workspace.root], { env: this.clock.env });
  }

  /** Reports by `rgov report`, with the time of the clock. */
  async report(word: string, subject: string): Promise<Wrong> {
    const { code, stderr } = await this.rgov('report', word, '--subject', subject);
    return code === 0 ? [] : [`rgov report ${word} ended with ${code}: ${stderr}`];
  }

  get files(): StateFiles {
    return new StateFiles(this.workspace.state);
  }

  eventsOf(type: string): Event[] {
    return [...this.files.events.values()].filter((event) => event.type === type);
  }

  /** Notices whose truth is not `acked`. */
  get unproved(): Notice[] {
    const { queue, receipts } = this.files;
    const all = [...receipts.values()].filter((item): item is Receipt => item.kind === 'Receipt');
    return [...queue.values()].filter(
      (notice) => currentReceipt(all.filter(({ notice: { path } }) => path.endsWith(`/${notice.id}.json`)))?.status !== 'acked',
    );
  }

  /** Whether all that was told until now has come to be proved. */
  get isProved(): boolean {
    return this.eventsOf('run.failed').length >= this.#told.length && this.files.queue.size >= this.#told.length && this.unproved.length === 0;
  }

  /** Everything that must hold of any state at rest. */
  audit(): Wrong {
    const told = this.#told.map((id) => ({ source: 'test', id }));
    const outside = { log: this.receiver.log, told, idempotent: { hook: true }, ceiling: 'accepted' as const };
    return audit(this.workspace.state, outside).map(({ check, what }) => `${check}: ${what}`);
  }

  /** What `rgov verify` finds. */
  verify(): Promise<Wrong> {
    return verified([process.execPath, this.#options.program], this.workspace.root, this.clock.env);
  }

  async stop(): Promise<Wrong> {
    const codes = await Promise.all(
      this.#running.splice(0).map(async (one) => ({ code: await one.stop('SIGTERM'), stderr: one.stderr, facts: one.facts })),
    );
    return codes.flatMap(({ code, stderr, facts }) => [
      ...(code === 0 ? [] : [`watch ended with ${code}: ${stderr}`]),
      ...facts.filter(({ fact }) => fact === 'pass_failed' || fact === 'failure').map((fact) => JSON.stringify(fact)),
    ]);
  }

  async clear(): Promise<void> {
    await Promise.all(this.#running.map((one) => one.stop('SIGKILL')));
    this.receiver.close();
    this.workspace.remove();
    this.clock.remove();
  }
}

/** Plays a scene at a desk to its end, and clears it away. */
export async function atDesk(options: DeskOptions, play: (desk: Desk) => Promise<Wrong>): Promise<Wrong> {
  const desk = new Desk(options);
  try {
    await desk.open();
    return await play(desk);
  } finally {
    await desk.clear();
  }
}

/** Whether it comes to be so within so many seconds of the steady clock. */
export async function comesTrue(isSo: () => boolean, patience_ms = 20_000): Promise<boolean> {
  for (const end = performance.now() + patience_ms; performance.now() < end; await sleep(50)) if (isSo()) return true;
  return isSo();
}
