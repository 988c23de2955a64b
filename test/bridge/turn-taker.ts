// Started as a process of its own by rate.test.ts: for each line of input, a time, it takes turns until it is refused one, and says how many.
import { createInterface } from 'node:readline';
import { Layout } from '../../src/store/layout.ts';
import { takeTurn } from '../../src/store/rate.ts';

const [state = '', count, per_ms] = process.argv.slice(2);
const layout = new Layout(state);

createInterface({ input: process.stdin }).on('line', (line) => {
  let taken = 0;
  while (takeTurn(layout, 'hook', { count: Number(count), per_ms: Number(per_ms) }, Number(line)) === null) taken++;
  process.stdout.write(`${taken}\n`);
});
