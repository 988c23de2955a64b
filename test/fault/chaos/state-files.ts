import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Claim, Decision, Deferral, Event, Handoff, Notice, Receipt, Reopening } from '../../../src/model/artifacts.ts';
import { namesBelow } from '../../support/hostile-things.ts';

interface Kinds {
  events: Event;
  decisions: Decision;
  queue: Notice;
  handoffs: Handoff | Claim | Deferral;
  receipts: Receipt | Reopening;
}

/** Everything below `state/` at one moment, children before what caused them; paths begin with the stage. */
export class StateFiles {
  readonly #state: string;
  readonly #texts = new Map<string, string>();
  readonly receipts: ReadonlyMap<string, Kinds['receipts']>;
  readonly handoffs: ReadonlyMap<string, Kinds['handoffs']>;
  readonly queue: ReadonlyMap<string, Kinds['queue']>;
  readonly decisions: ReadonlyMap<string, Kinds['decisions']>;
  readonly events: ReadonlyMap<string, Kinds['events']>;

  constructor(state: string) {
    this.#state = state;
    this.receipts = this.#read('receipts');
    this.handoffs = this.#read('handoffs');
    this.queue = this.#read('queue');
    this.decisions = this.#read('decisions');
    this.events = this.#read('events');
  }

  /** The file at this path below `state/`; null where there is none. */
  text(path: string): string | null {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    try {
      return readFileSync(join(this.#state, path), 'utf8');
    } catch {
      return null;
    }
  }

  /** Every artifact with its path. */
  get all(): Map<string, object> {
    return new Map<string, object>([...this.events, ...this.decisions, ...this.queue, ...this.handoffs, ...this.receipts]);
  }

  #read<S extends keyof Kinds>(stage: S): Map<string, Kinds[S]> {
    const found = new Map<string, Kinds[S]>();
    for (const path of filesOf(this.#state, stage).filter((name) => name.endsWith('.json'))) {
      const text = readFileSync(join(this.#state, path), 'utf8');
      this.#texts.set(path, text);
      found.set(path, JSON.parse(text));
    }
    return found;
  }
}

/** Paths of the files of one stage, or of any other folder below `state/`; none while there is no such folder. */
export const filesOf = (state: string, folder: string): string[] => (existsSync(join(state, folder)) ? namesBelow(state, folder) : []);

/** `queue/<day>/<name>.json` -> `<name>`. */
export const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1, -'.json'.length);
