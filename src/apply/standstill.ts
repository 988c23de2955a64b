/** What is waited for: work that comes to its end by itself, and what is left to be done then. */
interface Work {
  isBusy(): boolean;
  /** One more try at what could not be done; false if there is nothing of that kind. Throws if it fails again. */
  finish(): Promise<boolean>;
}

/** The wait until nothing is under way any more. */
export class Standstill {
  readonly #work: Work;
  #onChange: (() => void)[] = [];
  #endPatience: () => void = () => {};
  #idling: Promise<void> | null = null;

  constructor(work: Work) {
    this.#work = work;
  }

  /** Something has come to its end. */
  changed(): void {
    for (const resolve of this.#onChange.splice(0)) resolve();
  }

  /** Resolves when nothing is under way, and nothing is left to finish. Throws where that fails. */
  reached(): Promise<void> {
    // One wait for all who wait: a process whose senders are never idle would gather one with each of its passes.
    this.#idling ??= this.#wait().finally(() => {
      this.#idling = null;
    });
    return this.#idling;
  }

  /** The same, but waits no longer than `ms`, or until {@link interrupt}. */
  async reachedWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<'enough'>((resolve) => {
      this.#endPatience = () => resolve('enough');
      timer = setTimeout(resolve, ms, 'enough');
    });
    const idle = this.reached();
    // Where it fails after we have gone, the next one who waits finds that something is left to finish.
    idle.catch(() => {});
    await Promise.race([idle, enough]);
    clearTimeout(timer);
  }

  /** There is something else to do. */
  interrupt(): void {
    this.#endPatience();
  }

  async #wait(): Promise<void> {
    do {
      while (this.#work.isBusy()) await new Promise<void>((resolve) => this.#onChange.push(resolve));
    } while (await this.#work.finish());
  }
}
