import type { Handoff, Receipt } from '../../../src/model/artifacts.ts';
import { currentReceipt } from '../../../src/model/truth.ts';
import { Running } from '../../bridge/running.ts';
import { BridgeWorkspace, webhookTo } from '../../bridge/workspace.ts';
import { drop, eventually, failedEvent, sleep } from '../../support/watching.ts';
import { audit } from '../chaos/audit.ts';
import { type Ended, runOnce } from '../chaos/once.ts';
import { StateFiles } from '../chaos/state-files.ts';
import { Elsewhere } from './elsewhere.ts';
import { HeldReceiver } from './held-receiver.ts';

/** What went wrong, in words; nothing if nothing did. */
export type Wrong = string[];

type Where = (command: readonly string[]) => string[];

/** Passes are made so many times at most, until what is waited for has happened. */
const MOST_PASSES = 40;
const BETWEEN_PASSES_MS = 150;
/** Beside suites that need the machine themselves. */
const PATIENCE_MS = 180_000;

interface SceneOptions {
  /** Path of `rgov.cjs`. */
  program: string;
  /** Whether the receiver ignores a repeated key. */
  idempotent: boolean;
  timeLimit?: string;
}

/** One notice, one process in the middle of sending it, and others who come upon what it has left on disk. */
export class Scene {
  readonly elsewhere = new Elsewhere();
  readonly receiver = new HeldReceiver();
  readonly workspace = new BridgeWorkspace();
  readonly #options: SceneOptions;
  readonly #running: Running[] = [];
  #told = 0;

  constructor(options: SceneOptions) {
    this.#options = options;
  }

  /** Resolves when a `watch` there is in the middle of sending the first notice. */
  async begin(where: Where): Promise<Running> {
    const { idempotent, timeLimit = '5m' } = this.#options;
    await this.receiver.listen();
    const hook = { ...webhookTo(this.receiver.origin), idempotent, timeLimit, retry: { attempts: 5, initial: '100ms', factor: 1 } };
    this.workspace.bind({ hook });
    this.dropOne();
    const first = await this.watch(where);
    await eventually('a message on its way', () => this.receiver.log.length > 0 && this.handoffs.length > 0, PATIENCE_MS);
    return first;
  }

  dropOne(): void {
    drop(this.workspace.root, `${++this.#told}.json`, failedEvent(String(this.#told)));
  }

  async watch(where: Where): Promise<Running> {
    const one = new Running(where([process.execPath, this.#options.program, 'watch', '--rescan', '1s', '-C', this.workspace.root, '--json']));
    this.#running.push(one);
    return one.up();
  }

  reconcile(where: Where, env: Record<string, string> = {}): Promise<Ended> {
    return runOnce(where([process.execPath, this.#options.program, 'reconcile', '-C', this.workspace.root]), { env });
  }

  /** One pass after another there until it is so. Returns whether it came to be so. */
  async reconcileUntil(where: Where, isSo: () => boolean): Promise<boolean> {
    for (let n = 0; n < MOST_PASSES && !isSo(); n++) {
      await this.reconcile(where);
      await sleep(BETWEEN_PASSES_MS);
    }
    return isSo();
  }

  get handoffs(): Handoff[] {
    return [...new StateFiles(this.workspace.state).handoffs.values()].filter((item) => item.kind === 'Handoff');
  }

  /** Whether anybody but its owner has judged the first attempt, or made another one. */
  get isTakenOver(): boolean {
    const { handoffs } = new StateFiles(this.workspace.state);
    return this.truth !== null || this.receiver.log.length > 1 || [...handoffs.values()].some(({ kind }) => kind === 'Deferral');
  }

  /** The truth of the only notice. */
  get truth(): Receipt | null {
    const all = [...new StateFiles(this.workspace.state).receipts.values()].filter((item) => item.kind === 'Receipt');
    return currentReceipt(all);
  }

  /** What the answer of this attempt proved, as it stands in the truth. */
  isProvedBy(attempt: number): boolean {
    const received = this.receiver.log.find((item) => item.attempt === attempt);
    return this.truth?.evidence.some(({ reference }) => reference === received?.reference) ?? false;
  }

  /** Everything that must hold of any state at rest. */
  audit(): Wrong {
    const { idempotent } = this.#options;
    const told = Array.from({ length: this.#told }, (_, i) => ({ source: 'test', id: String(i + 1) }));
    const outside = { log: this.receiver.log, told, idempotent: { hook: idempotent }, ceiling: 'accepted' as const };
    return audit(this.workspace.state, outside).map(({ check, what }) => `${check}: ${what}`);
  }

  async clear(): Promise<void> {
    await Promise.all(
      this.#running.map((one) => {
        // Whoever is stopped cannot die of anything but this.
        one.child.kill('SIGCONT');
        return one.stop('SIGKILL');
      }),
    );
    this.receiver.close();
    this.workspace.remove();
    this.elsewhere.remove();
  }
}

/** Plays a scene to its end, and clears it away. */
export async function inScene(options: SceneOptions, play: (scene: Scene) => Promise<Wrong>): Promise<Wrong> {
  const scene = new Scene(options);
  try {
    return await play(scene);
  } finally {
    await scene.clear();
  }
}
