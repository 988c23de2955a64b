import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EventDraft } from '../src/model/event.ts';
import { canonicalEvent } from '../src/model/event.ts';
import { eventName, fileName } from '../src/model/names.ts';
import { asStored, type Publication, publication } from '../src/model/publication.ts';
import type { PlannedAttempt } from '../src/model/steps.ts';
import { decide } from '../src/plan/decide.ts';
import { dispatch } from '../src/plan/dispatch.ts';
import { enqueue } from '../src/plan/enqueue.ts';
import { createHistory } from '../src/plan/features/dedupe/index.ts';
import { settle } from '../src/plan/settle.ts';
import { thisOwner } from '../src/run/host.ts';
import { webhookCatalog } from './workload.ts';

/** Event, decision, notice, handoff and receipt. */
export const ARTIFACTS_PER_CHAIN = 5;
/** So many chains make 100,000 artifacts. */
export const SETTLED_CHAINS = 100_000 / ARTIFACTS_PER_CHAIN;
const DAYS = 100;
const DAY_MS = 86_400_000;

/** Settled chains over many days, written without syncs: what lies there counts, not how it came there. */
export function writeSettled(state: string, chains: number): void {
  const catalog = webhookCatalog(1);
  const sender = catalog.senders['hook'];
  const target = catalog.targets['operator'];
  if (!sender || !target) throw new Error('the catalog of the benchmark is incomplete');
  const way = { target: 'operator', tries: 1, fallbacks: [], sender, address: target.address };
  const made = new Set<string>();
  const write = (item: Publication): void => {
    const path = join(state, item.link.path);
    if (!made.has(dirname(path))) mkdirSync(dirname(path), { recursive: true });
    made.add(dirname(path));
    writeFileSync(path, item.bytes, { mode: 0o600 });
  };
  const start_ms = Date.now() - (DAYS + 1) * DAY_MS;
  for (let i = 0; i < chains; i++) {
    const time_ms = start_ms + Math.floor((i * DAYS * DAY_MS) / chains);
    const draft: EventDraft = {
      source: 'bench',
      id: `settled-${i}`,
      type: 'run.failed',
      subject: `job/nightly-${i % 10}`,
      time: new Date(time_ms).toISOString(),
      provenance: 'observed',
      data: { summary: 'exit code 3' },
    };
    const document = canonicalEvent(draft, time_ms);
    const name = eventName(document);
    const event = publication('event', 'events', name, fileName.event(name), document);
    const decision = decide({ ...asStored(name, event), duplicateOf: null }, catalog, { evaluate: () => true }, createHistory([]));
    write(event);
    write(decision);
    for (const required of decision.document.notices) {
      const item = enqueue(required, asStored(name, event), decision.link);
      const notice = asStored(required.id, item);
      const step = dispatch(notice, way, 1, null, null, { now_ms: time_ms, owner: thisOwner() });
      if (step.kind !== 'dispatch') throw new Error('expected a handoff');
      write(item);
      write(step.publication);
      write(settle(step.attempt as PlannedAttempt, { kind: 'proved', level: 'accepted', reference: 'm-1' }, time_ms));
    }
  }
}
