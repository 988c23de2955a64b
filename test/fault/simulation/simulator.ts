import type { Script } from 'node:vm';
import type { Handoff } from '../../../src/model/artifacts.ts';
import { dayOf } from '../../../src/model/names.ts';
import type { Attempt } from '../../../src/model/outcome.ts';
import { checkInvariants } from './invariants.ts';
import { Machine } from './machine.ts';
import type { Process } from './process.ts';
import type { Receiver } from './receivers.ts';
import { Schedule } from './schedule.ts';
import { compileProgram } from './slot.ts';
import { type Counts, STATE, World, type WorldOptions } from './world.ts';

/** More processes than this never run at the same time. */
const PLACES = 4;
const NOON_MS = Date.parse('2026-11-22T12:00:00.000Z');
const BEFORE_MIDNIGHT_MS = Date.parse('2026-11-22T23:59:50.000Z');

export interface Run {
  seed: number;
  offences: string[];
  counts: Counts;
  processes: number;
  deliveries: number;
  /** Messages that an idempotent receiver had already. */
  repetitions: number;
}

/** Runs schedules one after another, each in a world of its own that follows from its seed. */
export class Simulator {
  readonly #machines: readonly Machine[];
  #world: World | null = null;

  constructor(code: string, isTraced: boolean) {
    const script: Script = compileProgram(code);
    const world = (): World => {
      if (!this.#world) throw new Error('nothing is simulated at this moment');
      return this.#world;
    };
    this.#machines = Array.from({ length: PLACES }, () => new Machine(script, world, isTraced));
  }

  run(seed: number, options: WorldOptions = {}): Run {
    for (const machine of this.#machines) machine.process = null;
    const world = new World(seed, this.#machines, seed % 4 === 0 ? BEFORE_MIDNIGHT_MS : NOON_MS, options);
    this.#world = world;
    world.onSend = (process, receiver, attempt) => checkClaim(world, process, receiver, attempt);
    const schedule = new Schedule(world);
    schedule.run();
    checkInvariants(world, schedule);
    for (const process of world.processes) checkOutcome(world, process);
    const received = [...world.receivers.values()].flatMap((receiver) => receiver.received.map(({ key }) => `${receiver.name} ${key}`));
    return {
      seed,
      offences: [...new Set(world.offences)],
      counts: world.counts,
      processes: world.processes.length,
      deliveries: received.length,
      repetitions: received.length - new Set(received).size,
    };
  }
}

/** Nothing goes out before the claim on it would survive a power cut, and only by who has claimed it. */
function checkClaim(world: World, process: Process, receiver: Receiver, { idempotencyKey: key, number, notice }: Attempt): void {
  const stem = `${STATE}/handoffs/${dayOf(key)}/${key}.${number}`;
  const handoff = read<Handoff>(world, `${stem}.json`);
  const claimPath = handoff?.owner == null ? `${stem}.claimed.json` : `${stem}.json`;
  const owner = read<{ owner: Handoff['owner'] }>(world, claimPath)?.owner;
  if (!owner || owner.nonce !== process.nonce)
    world.offence(`unclaimed: ${process.nonce} sends ${key}.${number}, which ${owner?.nonce ?? 'nobody'} has claimed`);
  for (const path of [`${stem}.json`, claimPath]) if (!world.disk.isDurable(path)) world.offence(`not durable: ${path} when its message is sent`);
  if (notice.id !== key) world.offence(`key: ${notice.id} is sent as ${key}`);
  if (handoff && handoff.sender.name !== receiver.name) world.offence(`wrong way: ${key}.${number} goes to ${receiver.name}`);
}

function read<T>(world: World, path: string): T | null {
  const bytes = world.disk.find(path)?.bytes;
  try {
    return bytes === undefined ? null : JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}

/** Errors that say what is true: of a name that does not exist, of something that cannot be done now. */
const HONEST = new Set(['negative', 'not_found', 'usage']);

/** No process ends with an error that nothing has caused. */
function checkOutcome(world: World, { outcome, task, number, wasDisturbed }: Process): void {
  if (outcome === null || 'result' in outcome || HONEST.has(outcome.kind)) return;
  if (outcome.kind === 'state_io' && wasDisturbed) return;
  world.offence(`failed: ${task.kind}#${number} ended with ${outcome.kind}: ${outcome.message}`);
}
