import { Running } from '../../bridge/running.ts';
import { BridgeWorkspace, webhookTo } from '../../bridge/workspace.ts';
import { eventually, sleep } from '../../support/watching.ts';
import { audit, type Violation } from './audit.ts';
import { Emitters, type SenderName, SUBJECTS, type Way } from './emitters.ts';
import { Humans } from './humans.ts';
import { type Ended, runOnce } from './once.ts';
import { Random } from './random.ts';
import { MoodyReceiver } from './receiver.ts';
import { filesOf, nameIn, StateFiles } from './state-files.ts';
import { verified } from './verified.ts';

export interface ChaosOptions {
  /** Path of `rgov.cjs`. */
  program: string;
  notices: number;
  /** Reconcilers that are killed. */
  kills: number;
  seed: number;
  /** How long the rest may take to come to its end, in milliseconds. */
  patience_ms?: number;
}

export interface Chaos {
  violations: Violation[];
  /** What happened, counted. */
  rows: { what: string; value: number }[];
}

/** Which reconcilers run at any time. */
const RECONCILERS = ['watch', 'bridge', 'reconcile'] as const;
type Reconciler = (typeof RECONCILERS)[number];

const NOTICES_A_TURN = 15;
/** More notices than this are not left waiting before the next turn. */
const BACKLOG = 60;
const PATIENCE_MS = 120_000;
const WAYS: Record<Way, number> = { drop: 5, ingest: 4, report: 1 };
const IDEMPOTENT: Record<SenderName, boolean> = { hook: true, relay: true, once: false };

/** Everything at once over one state: reconcilers that die, emitters, humans, and a receiver in all its moods. */
class Stage {
  readonly #options: ChaosOptions;
  readonly #random: Random;
  readonly #receiver: MoodyReceiver;
  readonly #workspace = new BridgeWorkspace();
  readonly #command: readonly string[];
  readonly #emitters: Emitters;
  readonly #humans: Humans;
  readonly #running = new Map<Exclude<Reconciler, 'reconcile'>, Running>();
  #killPass: (() => void) | undefined;
  #loop: Promise<void> = Promise.resolve();
  #isOver = false;
  #passes = 0;
  readonly #killed = new Map<Reconciler, number>();

  constructor(options: ChaosOptions) {
    const { root } = this.#workspace;
    this.#options = options;
    this.#command = [process.execPath, options.program];
    this.#random = new Random(options.seed);
    this.#receiver = new MoodyReceiver(new Random(options.seed + 1));
    this.#emitters = new Emitters(this.#command, root, new Random(options.seed + 2));
    this.#humans = new Humans(this.#command, root, new Random(options.seed + 3));
  }

  async play(): Promise<Chaos> {
    await this.#receiver.listen();
    this.#declare();
    for (const name of ['watch', 'bridge'] as const) this.#running.set(name, this.#start(name));
    this.#loop = this.#reconcileAgainAndAgain();
    const { notices, kills } = this.#options;
    const turns = Math.ceil(notices / NOTICES_A_TURN);
    for (let turn = 0, left = notices; turn < turns; turn++) {
      const count = Math.min(NOTICES_A_TURN, left);
      left -= count;
      await this.#turn(count, Math.floor(((turn + 1) * kills) / turns) - this.#killCount);
    }
    await this.#settle();
    const last = await this.#comeToRest();
    return { violations: [...last, ...this.#audit()], rows: this.#rows() };
  }

  async clear(): Promise<void> {
    this.#isOver = true;
    this.#killPass?.();
    await Promise.all([this.#loop.catch(() => {}), ...[...this.#running.values()].map((one) => one.stop('SIGKILL'))]);
    this.#receiver.close();
    this.#workspace.remove();
  }

  #declare(): void {
    const way = (name: SenderName) => {
      const common = { ...webhookTo(this.#receiver.origin), idempotent: IDEMPOTENT[name], timeLimit: '5s', breaker: { failures: 8, pause: '300ms' } };
      return {
        ...common,
        with: { ...common.with, url: `${this.#receiver.origin}/${name}` },
        concurrency: name === 'once' ? 2 : 4,
        retry: { attempts: 100, initial: '100ms', factor: 1 },
        bridge: name === 'relay' ? ('process' as const) : ('inline' as const),
      };
    };
    const names = Object.keys(SUBJECTS) as SenderName[];
    this.#workspace.bind(Object.fromEntries(names.map((name) => [name, way(name)])), {
      operator: { sender: 'hook' },
      relayed: { sender: 'relay' },
      single: { sender: 'once' },
    });
    const target = { hook: 'operator', relay: 'relayed', once: 'single' };
    const when = (name: SenderName): string => `event.type == "run.failed" && event.subject.startsWith("${SUBJECTS[name]}/")`;
    this.#workspace.rules(names.map((name) => ({ id: `failure-${name}`, when: when(name), target: target[name], within: '1d' })));
  }

  async #turn(count: number, kills: number): Promise<void> {
    // On a slow machine kills come faster than work is done: something must get out now and then.
    await eventually('work that gets done', () => this.#backlog() < BACKLOG, PATIENCE_MS);
    const away = this.#random.chance(0.15) ? this.#receiver.goAway() : Promise.resolve();
    const human = this.#humans.interfere(this.#workspace.state);
    const emitted = this.#emitters.emit(this.#random.weighted(WAYS), count);
    if (this.#random.chance(0.5)) this.#emitters.repeat();
    for (let n = 0; n < kills; n++) {
      await sleep(this.#random.between(0, 250));
      await this.#kill();
    }
    await Promise.all([away, human, emitted]);
  }

  async #kill(): Promise<void> {
    const name = this.#random.pick(RECONCILERS) as Reconciler;
    this.#killed.set(name, (this.#killed.get(name) ?? 0) + 1);
    if (name === 'reconcile') {
      await eventually('a pass to kill', () => this.#killPass !== undefined);
      this.#killPass?.();
      return;
    }
    const one = this.#running.get(name) as Running;
    // Seldom while it still starts.
    if (this.#random.chance(0.85)) await eventually('a reconciler that is up', () => one.isUp || one.isOver);
    if (one.isOver) throw new Error(`${name} ended by itself: ${one.stderr}`);
    await one.stop('SIGKILL');
    this.#running.set(name, this.#start(name));
  }

  #start(name: 'watch' | 'bridge'): Running {
    const args = name === 'watch' ? ['watch'] : ['bridge', '--sender', 'relay', '--watch'];
    return new Running([...this.#command, ...args, '--rescan', '2s', '-C', this.#workspace.root, '--json']);
  }

  async #reconcileAgainAndAgain(): Promise<void> {
    while (!this.#isOver) {
      const { code, stderr } = await this.#reconcile((child) => {
        this.#killPass = () => child.kill('SIGKILL');
      });
      this.#killPass = undefined;
      if (code !== 0 && code !== 1 && code !== 'SIGKILL') throw new Error(`rgov reconcile ended with ${code}: ${stderr}`);
      this.#passes++;
      await sleep(this.#random.between(50, 400));
    }
  }

  #reconcile(onStarted?: (child: { kill(signal: NodeJS.Signals): boolean }) => void): Promise<Ended> {
    return runOnce([...this.#command, 'reconcile', '-C', this.#workspace.root], onStarted ? { onStarted } : {});
  }

  /** Notices that have no outcome, by names alone; what is not in the queue yet counts, too. */
  #backlog(): number {
    const { state } = this.#workspace;
    const settled = new Set(filesOf(state, 'receipts').map((path) => nameIn(path).split('.').slice(0, -2).join('.')));
    return this.#emitters.told.length - settled.size;
  }

  async #settle(): Promise<void> {
    this.#receiver.calm();
    const { patience_ms = PATIENCE_MS } = this.#options;
    await eventually('an outcome of every notice', () => this.#isSettled(), patience_ms).catch(() => {});
    this.#isOver = true;
    await this.#loop;
  }

  #isSettled(): boolean {
    if (this.#backlog() > 0 || filesOf(this.#workspace.state, 'inbox').length > 0) return false;
    return !this.#audit().some(({ check }) => check === 'notice without one truth' || check === 'event not decided once');
  }

  /** Everybody is asked to stop; one more pass must find nothing to do. */
  async #comeToRest(): Promise<Violation[]> {
    const violations: Violation[] = [];
    for (const [name, one] of this.#running) {
      const code = await one.stop('SIGTERM');
      if (code !== 0) violations.push({ check: 'something left behind', what: `${name} ended with ${code}: ${one.stderr}` });
    }
    const before = new StateFiles(this.#workspace.state).all.size;
    const { code, stdout, stderr } = await this.#reconcile();
    const added = new StateFiles(this.#workspace.state).all.size - before;
    if (code !== 0 || added > 0) violations.push({ check: 'something left behind', what: `the last pass wrote ${added}: ${stdout}${stderr}` });
    const found = await verified(this.#command, this.#workspace.root);
    violations.push(...found.map((what): Violation => ({ check: 'found by rgov verify', what })));
    for (const notice of this.#humans.believed) violations.push({ check: 'evidence above the ceiling', what: notice });
    return violations;
  }

  #audit(): Violation[] {
    const { log } = this.#receiver;
    return audit(this.#workspace.state, { log, told: this.#emitters.told, idempotent: IDEMPOTENT, ceiling: 'accepted' });
  }

  get #killCount(): number {
    return [...this.#killed.values()].reduce((sum, count) => sum + count, 0);
  }

  #rows(): Chaos['rows'] {
    const { log, moods } = this.#receiver;
    const files = new StateFiles(this.#workspace.state);
    const doubles = log.filter(({ taken }) => taken).length - new Set(log.filter(({ taken }) => taken).map(({ key }) => key)).size;
    const inDoubt = [...files.handoffs.values(), ...files.receipts.values()].filter((item) => 'reason' in item && item.reason === 'indeterminate');
    return [
      { what: 'events of which success was told', value: this.#emitters.told.length },
      { what: 'notices', value: files.queue.size },
      { what: 'artifacts checked', value: files.all.size },
      ...RECONCILERS.map((name) => ({ what: `SIGKILLs of ${name}`, value: this.#killed.get(name) ?? 0 })),
      { what: 'SIGKILLs of emitters', value: this.#emitters.kills },
      { what: 'passes of `rgov reconcile`', value: this.#passes },
      { what: 'requests received', value: log.length },
      ...[...moods].map(([mood, value]) => ({ what: `the receiver ${mood}`, value })),
      ...[...this.#humans.deeds].map(([deed, value]) => ({ what: `somebody ${deed}`, value })),
      { what: 'outcomes in doubt, on disk', value: inDoubt.length },
      { what: 'messages repeated with the same key', value: doubles },
    ];
  }
}

/** Plays one seed and cleans up. */
export async function playChaos(options: ChaosOptions): Promise<Chaos> {
  const stage = new Stage(options);
  try {
    return await stage.play();
  } finally {
    await stage.clear();
  }
}
