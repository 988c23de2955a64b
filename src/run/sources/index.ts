import { messageOf, RgovError } from '../../model/errors.ts';
import type { Publisher } from '../../store/publish.ts';
import type { Workspace } from '../workspace.ts';
import { nextAsk_ms, readSourceMemory, type SourceMemory, writeSourceMemory } from './memory.ts';
import { type Polled, poll } from './poll.ts';

export interface Listened {
  polled: Polled[];
  /** What could not be written down, in words. */
  failures: string[];
}

/** Asks every source that is due, all at once; none waits for another. */
export async function listen(workspace: Workspace, publisher: Publisher, clock: () => number): Promise<Listened> {
  const { layout, catalog } = workspace;
  const before = readSourceMemory(layout);
  const due = catalog.sources.filter((source) => nextAsk_ms(source, before.get(source.name), clock()) <= clock());
  const listened: Listened = { polled: [], failures: [] };
  if (due.length === 0) return listened;
  await Promise.all(
    due.map(async (source) => {
      try {
        const polled = await poll(source, before.get(source.name), { workspace, publisher, clock });
        listened.polled.push(polled);
        listened.failures.push(...polled.raised.refused);
      } catch (error) {
        if (!(error instanceof RgovError)) throw error;
        listened.failures.push(`${source.name}: ${messageOf(error)}`);
      }
    }),
  );
  const named = new Map<string, SourceMemory>(
    catalog.sources.flatMap(({ name }) => (before.has(name) ? [[name, before.get(name) as SourceMemory]] : [])),
  );
  for (const { source, memory } of listened.polled) named.set(source, memory);
  writeSourceMemory(layout, named);
  return listened;
}

/** Whether a pass has anything to do by it. */
export const hasNews = ({ polled }: Listened): boolean => polled.some(({ recorded, raised }) => recorded > 0 || raised.created.length > 0);
