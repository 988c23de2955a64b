import { parentPort, workerData } from 'node:worker_threads';
import { Layout } from '../../store/layout.ts';
import { verifyDay } from './day.ts';
import type { DaysAsideTask } from './days-aside.ts';
import { SealLines } from './seal-lines.ts';

/** The other thread of {@link DaysAside}: takes one day after another and tells what it found of it. */
const { root, chain, inventory, deep, days, taken } = workerData as DaysAsideTask;
const layout = new Layout(root);
const around = { layout, chain, inventory, deep, lines: new SealLines(layout), onRead: () => {} };
const next = (): string | undefined => days[Atomics.add(new Int32Array(taken), 0, 1)];
for (let day = next(); day !== undefined; day = next()) parentPort?.postMessage({ day, verdict: verifyDay(around, day, null) });
