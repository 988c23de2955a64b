import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Event, Receipt } from '../../../src/model/artifacts.ts';
import { View } from './view.ts';

/** What may never be seen after a power cut, by name. */
type Loss =
  | 'an event is gone that an emitter was told of'
  | 'an event has other content than its emitter was told of'
  | 'a receipt is gone that was told'
  | 'an acknowledgement is gone that was told'
  | 'a drop is neither waiting nor recorded';

export interface Lost {
  check: Loss;
  what: string;
}

/** An event as its emitter knows it. */
export interface Told {
  id: string;
  source: string;
  payload: string;
}

/**
 * Everything that the program has said to be durable, written down outside of the disk whose power is cut. Nothing is taken from
 * it ever: what survived one cut must survive the others.
 */
export class Ledger {
  readonly #state: string;
  readonly #events = new Map<string, Told>();
  readonly #drops = new Map<string, Told>();
  /** `<notice>.<n>.<status>` without its revision: a fact told does not name it. */
  readonly #receipts = new Set<string>();
  readonly #acknowledged = new Set<string>();
  #waiting: { more: number; wake: () => void } | null = null;

  constructor(state: string) {
    this.#state = state;
  }

  get counts(): { events: number; drops: number; receipts: number; acknowledgements: number } {
    return { events: this.#events.size, drops: this.#drops.size, receipts: this.#receipts.size, acknowledgements: this.#acknowledged.size };
  }

  event(told: Told): void {
    this.#events.set(keyOf(told), told);
    this.#oneMore();
  }

  /** A file in the drop folder that its writer has synced, as well as the folder. */
  drop(told: Told): void {
    this.#drops.set(keyOf(told), told);
    this.#oneMore();
  }

  receipt(notice: string, status: string): void {
    this.#receipts.add(`${notice} ${status}`);
    this.#oneMore();
  }

  acknowledgement(notice: string, by: string): void {
    this.#acknowledged.add(`${notice} ${by}`);
    this.#oneMore();
  }

  /** Whatever else was told, and cannot be lost. */
  somethingElse(): void {
    this.#oneMore();
  }

  /** A notice of which a receipt was told; undefined while there is none. */
  anyNotice(choice: number): string | undefined {
    const names = [...this.#receipts];
    return names[Math.floor(choice * names.length)]?.split(' ')[0];
  }

  /** Resolves when so many more things were told. */
  after(more: number): Promise<void> {
    return new Promise((wake) => {
      this.#waiting = { more, wake };
    });
  }

  /** What of all that is not on the disk now. */
  losses(): Lost[] {
    const view = new View(this.#state).refresh();
    try {
      return this.lossesIn(view);
    } finally {
      view.remove();
    }
  }

  /** The same for a view that is fresh. */
  lossesIn(view: View): Lost[] {
    const all = view.documents<Event>('events');
    const events = new Map(all.map((event) => [keyOf(event), event]));
    const receipts = view.documents<Receipt>('receipts');
    const told = new Set(receipts.map(({ notice, status }) => `${noticeOf(notice.path)} ${status}`));
    const acknowledged = new Set([
      ...receipts.flatMap(({ notice, evidence }) => evidence.map(({ by }) => `${noticeOf(notice.path)} ${by}`)),
      // Of notices whose day was sealed by then.
      ...all.flatMap(({ data }) => lateEvidence(data)),
    ]);
    return [
      ...[...this.#events.values()].flatMap((item) => lostEvent(item, events, 'an event is gone that an emitter was told of')),
      ...[...this.#drops.values()].flatMap((item) => (this.#waits(item) ? [] : lostEvent(item, events, 'a drop is neither waiting nor recorded'))),
      ...missing(this.#receipts, told, 'a receipt is gone that was told'),
      ...missing(this.#acknowledged, acknowledged, 'an acknowledgement is gone that was told'),
    ];
  }

  #waits({ id }: Told): boolean {
    return existsSync(join(this.#state, 'inbox', `${id}.json`));
  }

  #oneMore(): void {
    if (this.#waiting === null || --this.#waiting.more > 0) return;
    this.#waiting.wake();
    this.#waiting = null;
  }
}

function lostEvent(told: Told, events: ReadonlyMap<string, Event>, check: Loss): Lost[] {
  const event = events.get(keyOf(told));
  if (!event) return [{ check, what: keyOf(told) }];
  const isSame = (event.data as { payload?: unknown } | undefined)?.payload === told.payload;
  return isSame ? [] : [{ check: 'an event has other content than its emitter was told of', what: keyOf(told) }];
}

function missing(told: ReadonlySet<string>, there: ReadonlySet<string>, check: Loss): Lost[] {
  return [...told].flatMap((what) => (there.has(what) ? [] : [{ check, what }]));
}

function lateEvidence(data: unknown): string[] {
  const { notice, evidence } = (data ?? {}) as { notice?: string; evidence?: { by?: string } };
  return notice === undefined || evidence?.by === undefined ? [] : [`${notice} ${evidence.by}`];
}

const keyOf = ({ source, id }: { source: string; id: string }): string => `${source} ${id}`;

const noticeOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1, -'.json'.length);
