import type { Publication } from '../model/publication.ts';
import type { PlannedAttempt } from '../model/steps.ts';
import type { Published, Publisher } from '../store/publish.ts';
import type { MadeOutcome } from './attempts.ts';

/** The outcome of an attempt, waiting for the next barrier. */
interface Unrecorded {
  attempt: PlannedAttempt;
  outcome: MadeOutcome;
  publication: Publication<'receipt'> | Publication<'deferral'>;
}

export interface RecorderDeps {
  publisher: Pick<Publisher, 'publishAll'>;
  /** Adds what this attempt proved beside a receipt that somebody else wrote first. */
  recordBeside(attempt: PlannedAttempt, outcome: MadeOutcome, receipt: Publication<'receipt'>): void;
  /** Whether a later revision outweighs this one, which was written just now. */
  isOutweighed(receipt: Publication<'receipt'>): boolean;
  onCreated(publication: Publication, attempt: PlannedAttempt): void;
  /** Nothing is left to be written of this attempt. */
  onDone(attempt: PlannedAttempt): void;
  onFailure(error: unknown): void;
  /** Everything that came in is written down, or failed to be. */
  onWritten(): void;
}

/** Writes outcomes down as they come: those that come while others are being written go together, behind one barrier. */
export class Recorder {
  readonly #deps: RecorderDeps;
  #waiting: Unrecorded[] = [];
  #writing: Promise<void> | null = null;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  add(item: Unrecorded): void {
    this.#waiting.push(item);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
      this.#deps.onWritten();
    });
  }

  get isWriting(): boolean {
    return this.#writing !== null;
  }

  /** Outcomes that could not be written down; they are kept, and tried again. */
  get unwritten(): number {
    return this.#writing === null ? this.#waiting.length : 0;
  }

  /** Tries once more what could not be written. Throws if that fails again. */
  async retry(): Promise<void> {
    await this.#writing;
    const items = this.#waiting.splice(0);
    if (items.length === 0) return;
    try {
      await this.#publish(items);
    } catch (error) {
      this.#waiting.unshift(...items);
      throw error;
    }
  }

  async #write(): Promise<void> {
    // What comes in with the same turn of the event loop is written together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const items = this.#waiting.splice(0);
      try {
        await this.#publish(items);
      } catch (error) {
        this.#waiting.unshift(...items);
        this.#deps.onFailure(error);
        return;
      }
    }
  }

  async #publish(items: readonly Unrecorded[]): Promise<void> {
    const chained = items.map(({ attempt, publication }) => ({ chain: `outcome ${attempt.notice.name}`, publication }));
    const results = await this.#deps.publisher.publishAll(chained);
    items.forEach((item, i) => {
      this.#recorded(item, results[i] as Published);
    });
  }

  #recorded({ attempt, outcome, publication }: Unrecorded, result: Published): void {
    if (result === 'created') this.#deps.onCreated(publication, attempt);
    // Where others have spoken meanwhile, what was proved would be lost beneath their words.
    const isBeside =
      publication.kind === 'receipt' &&
      (result === 'differs' || result === 'closed' || (result === 'created' && this.#deps.isOutweighed(publication)));
    if (isBeside) this.#deps.recordBeside(attempt, outcome, publication);
    this.#deps.onDone(attempt);
  }
}
