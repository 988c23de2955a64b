import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Layout } from '../../src/store/layout.ts';
import { takeTurn } from '../../src/store/rate.ts';

const START_MS = Date.parse('2026-11-22T12:00:00.000Z');

let root: string;
let layout: Layout;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rgov-rate-'));
  layout = new Layout(join(root, 'state'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('one process', () => {
  const take = (now_ms: number, count = 2): number | null => takeTurn(layout, 'hook', { count, per_ms: 1_000 }, START_MS + now_ms);

  it('takes its turns and is told when the next one is free', () => {
    expect([take(0), take(400), take(900), take(999)]).toEqual([null, null, START_MS + 1_000, START_MS + 1_000]);
    expect([take(1_000), take(1_399), take(1_400)]).toEqual([null, START_MS + 1_400, null]);
  });

  it('does not take a turn for which it read the clock before others had taken theirs', () => {
    expect([take(3, 1), take(0, 1)]).toEqual([null, START_MS + 1_003]);
  });

  it('is not held up for longer than it must be by a clock that was put back by a day', () => {
    take(86_400_000);
    take(86_400_000);
    expect(take(0)).toBeNull();
  });

  it('counts each sender by itself', () => {
    expect([take(0, 1), takeTurn(layout, 'other', { count: 1, per_ms: 1_000 }, START_MS)]).toEqual([null, null]);
  });
});

describe('four processes at once', () => {
  const RATE = { count: 20, per_ms: 1_000 };
  const PROCESSES = 4;
  const TICKS = 60;
  let folder: string;
  let processes: Taker[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rgov-takers-'));
    const built = await rolldown({ input: join(import.meta.dirname, 'turn-taker.ts'), platform: 'node' });
    await built.write({ file: join(folder, 'taker.cjs'), format: 'cjs' });
    await built.close();
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    processes = Array.from({ length: PROCESSES }, () => new Taker(join(folder, 'taker.cjs'), layout.root, RATE));
  });
  afterEach(() => Promise.all(processes.map((one) => one.end())));

  it('take no more than 20 turns in any second', async () => {
    const turns: number[] = [];
    for (let tick = 0; tick < TICKS; tick++) {
      const now_ms = START_MS + tick * 70;
      // Each reads its clock a little earlier or later, as processes do.
      const taken = await Promise.all(processes.map((one, i) => one.takeAll(now_ms + i * 3)));
      turns.push(...taken.flat());
    }
    turns.sort((a, b) => a - b);
    const tooMany = turns.filter((at_ms, i) => (turns[i + RATE.count] ?? Number.POSITIVE_INFINITY) < at_ms + RATE.per_ms);
    expect(tooMany).toEqual([]);
    // What is allowed is also given: the first twenty at once, and as many for each second after that.
    expect(turns.length).toBeGreaterThanOrEqual(RATE.count * Math.floor((TICKS * 70) / (RATE.per_ms + 70)));
  }, 120_000);
});

/** A process that takes turns until it is refused one, whenever it is told the time. */
class Taker {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(program: string, state: string, { count, per_ms }: { count: number; per_ms: number }) {
    this.#child = spawn(process.execPath, [program, state, String(count), String(per_ms)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** The turns that it got, each by the time for which it asked. */
  async takeAll(now_ms: number): Promise<number[]> {
    this.#child.stdin?.write(`${now_ms}\n`);
    const { value } = await this.#answers.next();
    return Array.from({ length: Number(value) }, () => now_ms);
  }

  async end(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.stdin?.end();
    await closed;
  }
}
