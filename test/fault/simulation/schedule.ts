import type { EventDraft } from '../../../src/model/event.ts';
import { type Deployment, drawDeployment } from './deployment.ts';
import type { Task } from './inside/program.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';
import { GOOD_MANNERS } from './receivers.ts';
import { CALM, type Rates, STATE, type World } from './world.ts';

/** What was promised to somebody, and has to be true for ever after. */
export interface Promised {
  /** Events whose emitter was told that they are recorded, by source and id. */
  emitted: Map<string, EventDraft>;
  /** Everything that anybody ever tried to emit. */
  drafts: Map<string, EventDraft>;
  acknowledged: { notice: string; by: string }[];
  confirmed: { notice: string; by: string; reference: string | null }[];
  reopened: { notice: string; by: string }[];
  /** Who has said anything of which notice, whether or not they were told that it is recorded: `<notice> <name>`. */
  said: Set<string>;
}

/** Rounds that bring everything to its end once nothing goes wrong any more; what needs more goes in circles. */
const MOST_ROUNDS = 80;
/** More steps than any schedule has. */
const MOST_STEPS = 20_000;
const NOTICE = /\/queue\/[^/]+\/([^/]+)\.json$/;

/** What is between a name and its durability is cut through again and again. */
const HARSH: Rates = { crash: 0.015, cut: 0.008, fault: 0, switch: 0.05, kill: 0.02, stop: 0, jump: 0 };

const keyOf = ({ source, id }: { source: string; id: string }): string => `${source} ${id}`;

/** What happens in one world: who does what and when, what goes wrong, and how it is put right at the end. */
export class Schedule {
  readonly deployment: Deployment;
  readonly promised: Promised = { emitted: new Map(), drafts: new Map(), acknowledged: [], confirmed: [], reopened: [], said: new Set() };
  readonly #world: World;
  readonly #random: Random;
  readonly #machines: readonly string[];
  /** What an emitter may say more than once. */
  readonly #repeatable: EventDraft[] = [];
  #facts = 0;
  #waiting = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random;
    this.deployment = drawDeployment(world.random);
    world.catalog = JSON.stringify(this.deployment.catalog);
    for (const receiver of this.deployment.receivers) world.receivers.set(receiver.name, receiver);
    this.#machines = world.random.chance(0.12) ? ['a', 'b'] : ['a'];
  }

  run(): void {
    const world = this.#world;
    this.#plan();
    world.rates = world.isHarsh ? HARSH : drawRates(this.#random);
    this.#untilQuiet();
    this.#heal();
  }

  /** Who is started when: most schedules are short, so that there can be many of them; a few are crowded. */
  #plan(): void {
    const random = this.#random;
    let at_ms = 0;
    this.#later(0, () => this.#emit());
    const others = Number(random.weighted({ 0: 25, 1: 40, 2: 20, 3: 8, 7: 7 }));
    for (let n = 0; n <= others; n++) {
      at_ms += random.chance(0.6) ? random.below(50) : random.below(20_000);
      const what =
        n === 0
          ? 'reconcile'
          : random.weighted({ emit: 3, reconcile: 5, watch: 2, bridge: this.deployment.bridges.length > 0 ? 3 : 0, human: 2, drop: 1 });
      this.#later(at_ms, () => {
        if (what === 'emit') this.#emit();
        else if (what === 'reconcile') this.#start({ kind: 'reconcile' });
        else if (what === 'watch') this.#start({ kind: 'watch', sleeps_ms: [random.pick([1, 500, 40_000]), 1] });
        else if (what === 'bridge') this.#start({ kind: 'bridge', sender: random.pick(this.deployment.bridges) });
        else if (what === 'drop') this.#drop();
        else this.#human();
      });
    }
  }

  #later(after_ms: number, run: () => void): void {
    this.#waiting++;
    this.#world.at(null, after_ms, 'somebody comes', () => {
      this.#waiting--;
      run();
    });
  }

  #start(task: Task, onEnd?: (process: Process) => void): void {
    this.#world.start(task, this.#random.pick(this.#machines), onEnd);
  }

  #draft(): EventDraft {
    const random = this.#random;
    const time_ms = this.#world.wallOf('a') - random.pick([0, random.below(60_000), random.below(60_000), random.below(86_400_000)]);
    const draft: EventDraft = {
      source: 'simulation',
      id: `fact-${++this.#facts}`,
      type: random.chance(0.8) ? 'run.failed' : 'run.succeeded',
      subject: random.pick(['job/a', 'job/a', 'job/b']),
      time: new Date(time_ms).toISOString(),
      provenance: 'observed',
      ...(random.chance(0.2) ? { severity: 'critical' as const } : {}),
      data: { summary: 'simulated' },
    };
    this.promised.drafts.set(keyOf(draft), draft);
    return draft;
  }

  #emit(): void {
    const random = this.#random;
    if (random.chance(0.3)) {
      const draft = this.#draft();
      this.#start({ kind: 'report', draft }, (process) => this.#emitted([draft], process));
      return;
    }
    const drafts = Array.from({ length: random.chance(0.8) ? 1 : 2 }, () =>
      this.#repeatable.length > 0 && random.chance(0.3) ? random.pick(this.#repeatable) : this.#draft(),
    );
    this.#repeatable.push(...drafts);
    this.#start({ kind: 'ingest', drafts }, (process) => this.#emitted(drafts, process));
  }

  #emitted(drafts: readonly EventDraft[], { outcome, task }: Process): void {
    if (outcome === null || !('result' in outcome)) {
      // Nobody has told the emitter anything: it says so once more.
      if (task.kind === 'ingest' && this.#random.chance(0.6))
        this.#later(this.#random.below(30_000), () =>
          this.#start({ kind: 'ingest', drafts: [...drafts] }, (process) => this.#emitted(drafts, process)),
        );
      return;
    }
    (outcome.result as { status: string; detail: string }[]).forEach(({ status, detail }, i) => {
      const draft = drafts[i] as EventDraft;
      if (status === 'recorded' || status === 'known') this.promised.emitted.set(keyOf(draft), draft);
      // A clock that was set back makes what was emitted before it lie in the future.
      else if (status !== 'rejected' || this.#world.counts.jumps === 0)
        this.#world.offence(`emission: ${keyOf(draft)} came back as ${status}: ${detail}`);
    });
  }

  /** Some program drops an event by rename, durably. */
  #drop(): void {
    const { disk } = this.#world;
    const draft = this.#draft();
    const inbox = `${STATE}/inbox`;
    if (!disk.folder(inbox)) return;
    const { provenance: _, ...attributes } = draft;
    const file = disk.create('file', `${inbox}/.${draft.id}`, 0o600);
    disk.write(file, Buffer.from(JSON.stringify({ specversion: '1.0', ...attributes })), null);
    disk.sync(file);
    disk.rename(`${inbox}/.${draft.id}`, `${inbox}/${draft.id}.json`);
    disk.sync(disk.folder(inbox) as NonNullable<ReturnType<typeof disk.folder>>);
    if (disk.isDurable(`${inbox}/${draft.id}.json`)) this.promised.emitted.set(keyOf(draft), draft);
    this.#world.trace(null, `DROP ${draft.id}`);
  }

  #human(): void {
    const random = this.#random;
    const notices = filesBelow(this.#world).flatMap((path) => NOTICE.exec(path)?.[1] ?? []);
    if (notices.length === 0) return;
    const notice = random.pick(notices);
    const by = random.pick(['alice', 'bob']);
    this.promised.said.add(`${notice} ${by}`);
    const what = random.weighted({ ack: 4, confirm: 2, fail: 1, retry: 3 });
    const { acknowledged, confirmed, reopened } = this.promised;
    const reference = what === 'confirm' ? `confirmed ${random.below(100)}` : null;
    if (what === 'ack') {
      this.#start({ kind: 'acknowledge', notice, by }, ({ outcome }) => {
        if (outcome && 'result' in outcome) acknowledged.push({ notice, by });
      });
    } else if (what === 'retry') {
      this.#start({ kind: 'retry', notice, by }, ({ outcome }) => {
        if (hasChanged(outcome)) reopened.push({ notice, by });
      });
    } else {
      const said = reference === null ? { failed: 'it bounced' } : { evidence: 'accepted' as const, reference };
      this.#start({ kind: 'confirm', handoff: notice, ...said, by }, ({ outcome }) => {
        if (hasChanged(outcome)) confirmed.push({ notice, by, reference });
      });
    }
  }

  #untilQuiet(): void {
    const world = this.#world;
    for (let n = 0; n < MOST_STEPS; n++) {
      if (this.#waiting === 0 && world.running.length === 0) return;
      if (!world.step()) break;
    }
    for (const process of world.running) {
      world.offence(`hangs: ${process.task.kind}#${process.number} waits for nothing`);
      world.die(process, 'as it hangs');
    }
  }

  /** Nothing goes wrong any more: whatever is still to be done is done, by passes that come when something is due. */
  #heal(): void {
    const world = this.#world;
    world.rates = CALM;
    world.trace(null, 'HEAL');
    if (this.#random.chance(0.85)) for (const receiver of world.receivers.values()) receiver.manners = GOOD_MANNERS;
    for (let n = 0; n < MOST_ROUNDS; n++) {
      const before = world.disk.artifactChanges;
      const due: number[] = [];
      for (const task of [{ kind: 'reconcile' } as const, ...this.deployment.bridges.map((sender) => ({ kind: 'bridge' as const, sender }))]) {
        const report = this.#wellDone(task);
        if (report === null) return;
        if (report.nextDue_ms !== null) due.push(report.nextDue_ms);
      }
      // Whether anything is left undone the invariants find as well; another pass costs time.
      if (due.length === 0 && (world.disk.artifactChanges === before || this.deployment.bridges.length === 0) && !this.#random.chance(0.1)) return;
      if (due.length > 0) world.spend(Math.max(0, Math.min(...due) - world.wallOf('a')) + this.#random.between(1, 3_000));
      else world.spend(10_000);
    }
    world.offence('endless: something is always due');
  }

  #wellDone(task: Task): { nextDue_ms: number | null } | null {
    const world = this.#world;
    const process = world.start(task, 'a');
    if (!process) throw new Error('there is no room for another process');
    this.#untilQuiet();
    const { outcome } = process;
    if (outcome === null || !('result' in outcome)) {
      world.offence(`failed: ${task.kind} at the end: ${outcome === null ? 'no outcome' : outcome.message}`);
      return null;
    }
    const report = outcome.result as { nextDue_ms: number | null; failures: string[] };
    for (const failure of report.failures) world.offence(`failed: ${task.kind} at the end reports: ${failure}`);
    return report;
  }
}

/** Whether a human was told that something is written down now. */
const hasChanged = (outcome: Process['outcome']): boolean =>
  outcome !== null && 'result' in outcome && (outcome.result as { changed: boolean }).changed;

/** Paths of all files below `state/`, sorted. */
export function filesBelow(world: World): string[] {
  const paths: string[] = [];
  const walk = (path: string): void => {
    for (const [name, inode] of world.disk.folder(path)?.entries ?? []) {
      if (inode.kind === 'folder') walk(`${path}/${name}`);
      else paths.push(`${path}/${name}`);
    }
  };
  walk(STATE);
  return paths.sort();
}

/** Each schedule has its own mixture; a good part of them has only one thing that goes wrong, so that it happens often. */
function drawRates(random: Random): Rates {
  const rate = (likely: number, values: readonly number[]): number => (random.chance(likely) ? random.pick(values) : 0);
  return {
    crash: rate(0.4, [0.002, 0.01]),
    cut: rate(0.45, [0.001, 0.006]),
    fault: rate(0.35, [0.002, 0.01, 0.03]),
    switch: rate(0.5, [0.02, 0.1, 0.3]),
    kill: rate(0.2, [0.01, 0.04]),
    stop: rate(0.15, [0.01, 0.04]),
    jump: rate(0.15, [0.01, 0.04]),
  };
}
