import type { Receipt } from '../../../src/model/artifacts.ts';
import { runOnce } from './once.ts';
import type { Random } from './random.ts';
import { nameIn, StateFiles } from './state-files.ts';

/** What a human, or a system that speaks for a receiver, may do at any moment to any notice. */
type Deed = 'acknowledges' | 'opens again' | 'confirms acceptance' | 'claims more than can be proved' | 'says that it bounced';

/** One after another, so that even a short run sees them all; what most often comes too late has more turns. */
const TURNS: readonly Deed[] = [
  'acknowledges',
  'claims more than can be proved',
  'opens again',
  'claims more than can be proved',
  'says that it bounced',
  'opens again',
  'confirms acceptance',
  'opens again',
];

/** People who interfere while everything is under way. */
export class Humans {
  /** What was done, and what came of it, counted. */
  readonly deeds = new Map<string, number>();
  /** Claims that the program believed although no sender can prove so much. */
  readonly believed: string[] = [];
  readonly #program: readonly string[];
  readonly #root: string;
  readonly #random: Random;
  #turn = 0;

  constructor(program: readonly string[], root: string, random: Random) {
    this.#program = program;
    this.#root = root;
    this.#random = random;
  }

  /** One deed; some of them are killed in the middle. Where there is nothing to do it to, nothing is done. */
  async interfere(state: string): Promise<void> {
    const deed = TURNS[this.#turn++ % TURNS.length] as Deed;
    const notice = this.#choose(deed, new StateFiles(state));
    if (notice === undefined) return;
    const kill_ms = this.#random.chance(0.1) ? this.#random.between(20, 400) : null;
    const { code, stderr } = await runOnce([...this.#program, ...argsOf(deed, notice), '-C', this.#root], { kill_ms });
    // 1: what is so already, or comes too late; both are answers.
    if (code !== 0 && code !== 1 && code !== 'SIGKILL') throw new Error(`${deed} ${notice}: ended with ${code}: ${stderr}`);
    const what = code === 0 ? deed : code === 1 ? `${deed}, and is refused` : `${deed}, and is killed`;
    this.deeds.set(what, (this.deeds.get(what) ?? 0) + 1);
    if (code !== 0) return;
    if (deed === 'claims more than can be proved') this.believed.push(notice);
  }

  /** Opening again and bouncing need something that is over; everything else may come at any time. */
  #choose(deed: Deed, files: StateFiles): string | undefined {
    const queued = [...files.queue.keys()].map(nameIn);
    const withReceipt = (fits: (receipt: Receipt) => boolean): string[] =>
      [...files.receipts.values()].flatMap((item) => ('status' in item && fits(item) ? [nameIn(item.notice.path)] : []));
    if (deed === 'opens again') return this.#random.pick(withReceipt(({ status }) => status === 'blocked'));
    if (deed === 'acknowledges') return this.#random.pick(queued);
    return this.#random.pick(withReceipt(({ handoff }) => handoff !== null));
  }
}

function argsOf(deed: Deed, notice: string): string[] {
  switch (deed) {
    case 'acknowledges':
      return ['ack', notice, '--by', 'alice'];
    case 'opens again':
      return ['retry', notice, '--by', 'bob'];
    case 'confirms acceptance':
      return ['confirm', notice, '--evidence', 'accepted', '--ref', 'seen in its log', '--by', 'gateway'];
    case 'claims more than can be proved':
      return ['confirm', notice, '--evidence', 'seen', '--ref', 'r-1', '--by', 'gateway'];
    case 'says that it bounced':
      return ['confirm', notice, '--failed', 'no such user', '--by', 'gateway'];
  }
}
