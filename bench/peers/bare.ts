import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Publication } from '../../src/model/publication.ts';
import { Layout } from '../../src/store/layout.ts';
import { Publisher } from '../../src/store/publish.ts';
import { filesBelow } from '../../test/support/files.ts';
import { copyOf } from '../chain.ts';
import type { RunningPeer } from './peer.ts';

const BATCH = 256;
const FILES_PER_NOTICE = 5;

/** The floor: the very files that this program made in its last round, published again and nothing else. */
export function bareWorker(folder: string): RunningPeer {
  let copies: Publication[] = [];
  return {
    async work(count) {
      if (count > 1) copies = lastFiles(join(folder, 'rgov'), count);
      const publisher = new Publisher(new Layout(join(mkdtempSync(join(folder, 'bare-')), 'state')), 'bare');
      const publish = (items: readonly Publication[]): Promise<unknown> =>
        publisher.publishAll(items.map((publication) => ({ chain: publication.file, publication })));
      if (count === 1) {
        const chain = copies.splice(0, FILES_PER_NOTICE);
        // The folders of a state are there long before.
        await publish(copies.slice(0, FILES_PER_NOTICE));
        const start = performance.now();
        for (const part of [chain.slice(0, 1), chain.slice(1, 4), chain.slice(4)]) await publish(part);
        return performance.now() - start;
      }
      const start = performance.now();
      for (let i = 0; i < copies.length; i += BATCH) await publish(copies.slice(i, i + BATCH));
      return performance.now() - start;
    },
    pids: () => [],
    stop: () => Promise.resolve(),
  };
}

/** Of the last tree in which there are so many chains, stage by stage within a chain. */
function lastFiles(folder: string, count: number): Publication[] {
  const made = (name: string): number => statSync(join(folder, name)).birthtimeMs;
  const [newest = ''] = readdirSync(folder).sort((a, b) => made(b) - made(a));
  const files = Object.entries(filesBelow(join(folder, newest, 'state'))).filter(([path]) =>
    /^(events|decisions|queue|handoffs|receipts)\//.test(path),
  );
  if (files.length !== count * FILES_PER_NOTICE) throw new Error(`${files.length} files, expected ${count * FILES_PER_NOTICE}`);
  return files.map(([path, text]) => copyOf(path, text));
}
