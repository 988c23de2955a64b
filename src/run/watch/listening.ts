import { Publisher } from '../../store/publish.ts';
import { thisOwner } from '../host.ts';
import { hasNews, type Listened, listen } from '../sources/index.ts';
import { nextAskOfAll_ms } from '../sources/memory.ts';
import type { Workspace } from '../workspace.ts';

interface Listener {
  /** Told once when a source is not heard any more, and once when it is heard again. */
  changed(source: string, failure: string | null): void;
  /** Something was written down that a pass has to take up. */
  news(): void;
  /** Everything that was due has been asked. */
  done(): void;
}

/** Asks sources beside the passes of a process that lives: no pass waits for one. */
export class Listening {
  readonly #listener: Listener;
  readonly #stop = new AbortController();
  readonly #failing = new Map<string, boolean>();
  #underWay: Promise<void> | null = null;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** When the first source is to be asked; null where none is declared, or while they are being asked. */
  nextAsk_ms({ catalog, layout }: Workspace): number | null {
    return this.#underWay === null ? nextAskOfAll_ms(catalog, layout, Date.now()) : null;
  }

  /** Begins to ask those that are due. */
  start(workspace: Workspace): void {
    const next_ms = this.nextAsk_ms(workspace);
    if (next_ms === null || next_ms > Date.now() || this.#stop.signal.aborted) return;
    const desk = { workspace, publisher: new Publisher(workspace.layout, thisOwner().nonce), clock: Date.now, stop: this.#stop.signal };
    this.#underWay = listen(desk).then(
      (listened) => this.#end(listened),
      // Whatever it was, the pass that it wakes runs into it as well, and says so.
      () => this.#end({ polled: [], failures: [] }, true),
    );
  }

  /** Cuts off what is under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#underWay;
  }

  #end(listened: Listened, hasFailed = false): void {
    this.#underWay = null;
    if (this.#stop.signal.aborted) return;
    for (const { source, failure } of listened.polled) {
      const isFailing = failure !== null;
      if (isFailing !== (this.#failing.get(source) ?? false)) this.#listener.changed(source, failure);
      this.#failing.set(source, isFailing);
    }
    if (hasFailed || hasNews(listened) || listened.failures.length > 0) this.#listener.news();
    this.#listener.done();
  }
}
