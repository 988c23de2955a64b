import { messageOf } from '../model/errors.ts';
import type { Publication } from '../model/publication.ts';

/** What has happened since somebody asked last: what is on disk now, and what went wrong beside it. */
export class News {
  #created: Publication[] = [];
  #problems: unknown[] = [];

  created(item: Publication): void {
    this.#created.push(item);
  }

  problem(error: unknown): void {
    this.#problems.push(error);
  }

  /** The same, unless it was told already in the same words. */
  problemOnce(error: unknown): void {
    if (!this.#problems.some((problem) => messageOf(problem) === messageOf(error))) this.#problems.push(error);
  }

  /** It is told in another way. */
  withdraw(error: unknown): void {
    this.#problems = this.#problems.filter((problem) => problem !== error);
  }

  /** Does it, or tells what went wrong. */
  orTell(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.problem(error);
    }
  }

  take(): { created: Publication[]; problems: unknown[] } {
    const news = { created: this.#created, problems: this.#problems };
    this.#created = [];
    this.#problems = [];
    return news;
  }
}
