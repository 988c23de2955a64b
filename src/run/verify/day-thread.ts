import { parentPort, workerData } from 'node:worker_threads';
import { Layout } from '../../store/layout.ts';
import { readLoose, type Surroundings, verifyDay } from './day.ts';
import type { DaysAsideTask } from './days-aside.ts';
import { SealLines } from './seal-lines.ts';

/** The other thread of {@link DaysAside}: takes one day after another and tells what it found of it. */
const { root, inventory, deep, days, taken } = workerData as DaysAsideTask;
const layout = new Layout(root);
const around = { layout, inventory, deep, lines: new SealLines(layout), onRead: () => {} };
const chain = new Promise<Surroundings['chain']>((resolve) => parentPort?.once('message', resolve));
const next = (): string | undefined => days[Atomics.add(new Int32Array(taken), 0, 1)];

async function takeDays(): Promise<void> {
  for (let day = next(); day !== undefined; day = next()) {
    // The seals are read meanwhile.
    const loose = readLoose(around, day);
    parentPort?.postMessage({ day, verdict: verifyDay({ ...around, chain: await chain }, day, null, loose) });
  }
  await chain;
}

void takeDays();
