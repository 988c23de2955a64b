import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOnce } from './once.ts';
import type { Random } from './random.ts';

/** How an event gets in. */
export type Way = 'report' | 'ingest' | 'drop';

/** Where it is said that somebody failed, and through which sender that is told. */
export const SUBJECTS = { hook: 'job', relay: 'agent', once: 'task' } as const;
export type SenderName = keyof typeof SUBJECTS;

const LONGEST_LIFE_MS = 500;
const MOST_TRIES = 50;
const DROPS = 'emitter/drops';
const FILES = 'emitter/files';
/** The source of everything that `rgov report` says. */
const REPORTED = 'rgov/report';

/** Those who report: programs that call `rgov`, and such that drop files. Some are killed, and say it again until they are told success. */
export class Emitters {
  readonly told: { source: string; id: string }[] = [];
  kills = 0;
  readonly #program: readonly string[];
  readonly #root: string;
  readonly #random: Random;
  #count = 0;

  constructor(program: readonly string[], root: string, random: Random) {
    this.#program = program;
    this.#root = root;
    this.#random = random;
  }

  /** So many new failures by one way, of which each makes one notice; durable when the promise resolves. */
  async emit(way: Way, count: number): Promise<void> {
    const drafts = Array.from({ length: count }, () => this.#draft(way));
    if (way === 'drop') this.#drop(drafts);
    else if (way === 'ingest') await this.#ingest(drafts);
    else for (const draft of drafts) await this.#report(draft);
  }

  /** Says once more what was said before: the second time it is no news. */
  repeat(): void {
    const known = this.told.filter(({ source }) => source === DROPS);
    const one = this.#random.pick(known);
    if (one) this.#put(`again-${this.#count++}`, [{ ...one, ...this.#words(one.id) }]);
  }

  #draft(way: Way): { id: string; source: string } {
    return { id: `${way}-${this.#count++}`, source: way === 'drop' ? DROPS : FILES };
  }

  /** Without a time of its own: said twice, it is said at two times. */
  #words(id: string): object {
    const sender = (['hook', 'hook', 'hook', 'relay', 'once'] as const)[Number(id.split('-')[1]) % 5] as SenderName;
    return { specversion: '1.0', type: 'run.failed', subject: `${SUBJECTS[sender]}/${id}` };
  }

  #event({ id, source }: { id: string; source: string }): object {
    return { id, source, ...this.#words(id) };
  }

  /** A drop is taken once it lies in the folder: nobody is told anything after that. Now and then the same one twice. */
  #drop(drafts: readonly { id: string; source: string }[]): void {
    const events = drafts.map((draft) => this.#event(draft));
    const perFile = this.#random.between(1, 4);
    for (let at = 0; at < events.length; at += perFile) {
      const name = `drop-${this.#count++}`;
      this.#put(name, events.slice(at, at + perFile));
      if (this.#random.chance(0.15)) this.#put(`${name}-twice`, events.slice(at, at + perFile));
    }
    this.told.push(...drafts);
  }

  #put(name: string, events: readonly object[]): void {
    const outside = join(this.#root, '.dropping');
    mkdirSync(outside, { recursive: true });
    writeFileSync(join(outside, name), JSON.stringify(events));
    renameSync(join(outside, name), join(this.#root, 'state', 'inbox', `${name}.json`));
  }

  async #ingest(drafts: readonly { id: string; source: string }[]): Promise<void> {
    const input = JSON.stringify(drafts.map((draft) => this.#event(draft)));
    await this.#untilTold(['ingest', 'cloudevents', '-'], input);
    this.told.push(...drafts);
  }

  async #report({ id }: { id: string }): Promise<void> {
    const { subject } = this.#words(id) as { subject: string };
    await this.#untilTold(['report', 'failed', '--subject', subject, '--id', id], '');
    this.told.push({ source: REPORTED, id });
  }

  async #untilTold(args: readonly string[], input: string): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const kill_ms = this.#random.chance(0.25) ? this.#random.between(20, LONGEST_LIFE_MS) : null;
      const { code, stdout, stderr } = await runOnce([...this.#program, ...args, '-C', this.#root], { input, kill_ms });
      if (code === 0) return;
      if (code !== 'SIGKILL') throw new Error(`rgov ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
      this.kills++;
    }
    throw new Error(`no run of rgov ${args.join(' ')} came to its end`);
  }
}
