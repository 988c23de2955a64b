import type { Decision, Event, Link, Notice, Stored } from '../model/artifacts.ts';
import type { Catalog } from '../model/catalog.ts';
import { asStored } from '../model/publication.ts';
import type { RaisedNotice, Snapshot } from '../model/snapshot.ts';
import type { Actor, Plan, Step, Waiting } from '../model/steps.ts';
import type { Conditions } from './conditions.ts';
import { decide } from './decide.ts';
import { nextFor } from './dispatch.ts';
import { enqueue, type RequiredNotice } from './enqueue.ts';
import { createHistory } from './features/dedupe/index.ts';
import { promisesOf, writtenDown } from './promises/index.ts';

/**
 * What has to be done now: a pure function of what is on disk, what is declared, who asks and when. The order in which
 * files were listed does not matter.
 */
export function plan(snapshot: Snapshot, catalog: Catalog, conditions: Conditions, actor: Actor): Plan {
  const steps: Step[] = snapshot.bad.map((file) => ({ kind: 'quarantine', chain: file.path, file }));
  const waiting: Waiting[] = [];

  const proceed = (notice: Stored<Notice>, open: Omit<Parameters<typeof nextFor>[0], 'notice'>, chain: string): void => {
    const next = nextFor({ notice, ...open }, catalog, actor);
    if ('step' in next) steps.push({ ...next.step, chain });
    else waiting.push(next.waiting);
  };
  const enqueueAll = (event: Stored<Event>, decision: Decision, link: Link, settled: readonly string[], wanted: (id: string) => boolean): void => {
    for (const required of decision.notices) {
      if (!wanted(required.id)) continue;
      const notice = enqueue(required, event, link);
      steps.push({ kind: 'enqueue', chain: event.name, publication: notice });
      if (!settled.includes(required.id)) proceed(asStored(required.id, notice), { last: null, reopened: null }, event.name);
    }
  };

  for (const { notice, ...open } of byName(snapshot.open, (item) => item.notice.name)) proceed(notice, open, notice.name);
  for (const unproved of byName(snapshot.unproved, (item) => item.notice.name)) {
    const later = promisesOf(unproved).filter((promise) => {
      const isDue = promise.at_ms <= actor.now_ms;
      if (isDue && !unproved.said.has(promise.name))
        steps.push({ kind: 'record', chain: promise.name, publication: writtenDown(promise, actor.now_ms) });
      return !isDue;
    });
    if (later[0]) waiting.push({ notice: unproved.notice.name, because: 'proof_awaited', until_ms: later[0].at_ms });
  }
  for (const { event, decision, missing, settled } of byName(snapshot.halfDecided, (item) => item.event.name)) {
    enqueueAll(event, decision.document, decision.link, settled, (id) => missing.includes(id));
  }
  // What a decision requires was raised, whether or not its notice has reached the queue yet.
  const required = snapshot.halfDecided.flatMap(({ event, decision }) => decision.document.notices.flatMap((item) => raisedBy(item, event)));
  const history = createHistory([...snapshot.raised, ...required]);
  for (const event of byName(snapshot.undecided, (item) => item.name)) {
    if (event.unrecorded) steps.push({ kind: 'record', chain: event.name, publication: event.unrecorded });
    const decision = decide(event, catalog, conditions, history);
    steps.push({ kind: 'decide', chain: event.name, publication: decision, event: event.name });
    enqueueAll(event, decision.document, decision.link, [], () => true);
  }
  return { steps, waiting, nextDue_ms: earliest(waiting) };
}

function raisedBy({ id, pack, rule, dedupe }: RequiredNotice, event: Stored<Event>): RaisedNotice[] {
  return dedupe ? [{ name: id, pack, rule, key: dedupe.key, time_ms: Date.parse(event.document.time) }] : [];
}

function byName<T>(items: readonly T[], name: (item: T) => string): T[] {
  return [...items].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

function earliest(waiting: readonly Waiting[]): number | null {
  const times = waiting.flatMap(({ until_ms }) => (until_ms === null ? [] : [until_ms]));
  return times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b));
}
