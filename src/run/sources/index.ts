import { messageOf, RgovError } from '../../model/errors.ts';
import { nextAsk_ms, readSourceMemory, type SourceMemory, writeSourceMemory } from './memory.ts';
import { type PollDesk, type Polled, poll } from './poll.ts';

export interface Listened {
  polled: Polled[];
  /** What could not be written down, in words. */
  failures: string[];
}

/** Asks every source that is due, all at once; none waits for another. */
export async function listen(desk: PollDesk): Promise<Listened> {
  const { workspace, clock } = desk;
  const { layout, catalog } = workspace;
  const before = readSourceMemory(layout);
  const due = catalog.sources.filter((source) => nextAsk_ms(source, before.get(source.name), clock()) <= clock());
  const listened: Listened = { polled: [], failures: [] };
  if (due.length === 0) return listened;
  await Promise.all(
    due.map(async (source) => {
      try {
        const polled = await poll(source, before.get(source.name), desk);
        listened.polled.push(polled);
        listened.failures.push(...polled.raised.refused);
      } catch (error) {
        if (!(error instanceof RgovError)) throw error;
        listened.failures.push(`${source.name}: ${messageOf(error)}`);
      }
    }),
  );
  // What was cut off says nothing of its source.
  if (desk.stop.aborted) return listened;
  const named = new Map<string, SourceMemory>(
    catalog.sources.flatMap(({ name }) => (before.has(name) ? [[name, before.get(name) as SourceMemory]] : [])),
  );
  for (const { source, memory } of listened.polled) named.set(source, memory);
  writeSourceMemory(layout, named);
  return listened;
}

/** Whether a pass has anything to do by it. */
export const hasNews = ({ polled }: Listened): boolean => polled.some(({ recorded, raised }) => recorded > 0 || raised.created.length > 0);
