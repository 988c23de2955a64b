import { EventIndex } from '../store/event-index.ts';
import { lookForOutputs } from './outputs.ts';
import { PromiseMemory } from './promise-memory.ts';
import { RaisedMemory } from './raised-memory.ts';
import { Watchdog } from './watchdog.ts';
import type { Workspace } from './workspace.ts';

/** What a process that makes many passes keeps between them, so that it need not read everything again: never a fact, always a saving. */
export interface Senses {
  watchdog: Watchdog;
  events: EventIndex;
  raised: RaisedMemory;
  promises: PromiseMemory;
  /** Whether this process makes more than one pass. */
  lasting: boolean;
  /** Whether it has made one: then it knows what it has to compare with. */
  awake: boolean;
}

export function sensesOf({ root, layout, catalog }: Workspace, lasting = false): Senses {
  return {
    watchdog: new Watchdog(layout, catalog, (pattern) => lookForOutputs(root, pattern)),
    events: new EventIndex(layout),
    raised: new RaisedMemory(),
    promises: new PromiseMemory(),
    lasting,
    awake: false,
  };
}
