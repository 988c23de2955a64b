import type { ArtifactKind } from '../../model/artifacts.ts';
import { RgovError } from '../../model/errors.ts';
import { type ChainedPublication, type Published, Publisher } from '../../store/publish.ts';
import type { LiveOptions } from '../applier.ts';
import { thisOwner } from '../host.ts';
import type { Workspace } from '../workspace.ts';

/** Most passes come to their end in this time. What has not begun by then is left to whoever runs next. */
const GRACE_MS = 1_000;
const NEW_WORK: ReadonlySet<ArtifactKind> = new Set(['decision', 'notice', 'handoff', 'claim']);

/** The wish to stop. */
export class Stopping {
  #signal: string | null = null;
  #since_steady_ms = 0;
  readonly #onCutOff: () => void;

  constructor(onCutOff: () => void) {
    this.#onCutOff = onCutOff;
  }

  request(signal: string): void {
    this.#signal = signal;
    this.#since_steady_ms = performance.now();
  }

  get signal(): string | null {
    return this.#signal;
  }

  /** Nothing new may begin. */
  get cut(): boolean {
    return this.#signal !== null && performance.now() - this.#since_steady_ms >= GRACE_MS;
  }

  cutOff(): CutOff {
    this.#onCutOff();
    return new CutOff();
  }
}

/** The pass was cut off between two batches; everything that was sent is written down. */
export class CutOff extends RgovError {
  constructor() {
    super('negative', 'stopped before everything that is due was done');
  }
}

/**
 * How a live applier ends in bounded time when it is asked to: outcomes are still written down, but after the grace nothing
 * is claimed and no claimed attempt begins, so that the time limits of those under way are all there is to wait for.
 */
export function stoppable(workspace: Workspace, stopping: Stopping): Pick<LiveOptions, 'publisher' | 'mayBegin'> {
  return { publisher: new StoppablePublisher(workspace, stopping), mayBegin: () => !stopping.cut };
}

class StoppablePublisher extends Publisher {
  readonly #stopping: Stopping;

  constructor({ layout }: Workspace, stopping: Stopping) {
    super(layout, thisOwner().nonce);
    this.#stopping = stopping;
  }

  override publishAll(items: readonly ChainedPublication[]): Promise<Published[]> {
    // Refused as a whole: a pass that leaves out steps without failing would remember a day as one where nothing is due.
    if (this.#stopping.cut && items.some(({ publication }) => NEW_WORK.has(publication.kind))) return Promise.reject(this.#stopping.cutOff());
    return super.publishAll(items);
  }
}
