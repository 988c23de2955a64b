import { formatTime } from '../model/time.ts';
import { expectationKey, type WatchState } from '../plan/watchdog/state.ts';
import { lookForOutputs } from './outputs.ts';
import { Watchdog } from './watchdog.ts';
import type { Workspace } from './workspace.ts';

/** A subject, or one run of it, that owes a word. */
export interface SilentSubject {
  subject: string;
  run: string | null;
  /** `<pack>/<id>`. */
  expectation: string;
  /** When the word was due. */
  since: string;
  /** When the last word that counts was heard; null if never. */
  lastWord: string | null;
}

/** Everybody who is silent now, whether or not a pass has said so yet. Read-only. */
export async function silentNow({ root, layout, catalog }: Workspace, now_ms: number): Promise<SilentSubject[]> {
  const watchdog = new Watchdog(layout, catalog, (pattern) => lookForOutputs(root, pattern));
  await watchdog.look(now_ms);
  return silentIn(watchdog.state, watchdog);
}

function silentIn(state: WatchState, { watch }: Pick<Watchdog, 'watch'>): SilentSubject[] {
  return watch.expectations.flatMap((expectation) =>
    Object.values(state[expectationKey(expectation)]?.tracks ?? {}).flatMap(({ subject, run, last, silence }) =>
      silence === null
        ? []
        : {
            subject: subject === '' ? expectation.subject : subject,
            run: run === '' ? null : run,
            expectation: expectationKey(expectation),
            since: formatTime(silence.due_ms),
            lastWord: last === null ? null : formatTime(last.time_ms),
          },
    ),
  );
}
