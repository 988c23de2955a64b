import { Publisher } from '../../store/publish.ts';
import { thisOwner } from '../host.ts';
import type { PassReport } from '../pass-report.ts';
import type { Workspace } from '../workspace.ts';
import { hasNews, type Listened, listen } from './index.ts';
import { nextAskOfAll_ms } from './memory.ts';

/**
 * A pass beside which every source that is due is asked. Nothing that is to be sent waits for a source that hangs; where one had news, a
 * second pass takes them up.
 */
export async function passWithSources(workspace: Workspace, clock: () => number, pass: () => Promise<PassReport>): Promise<PassReport> {
  const listening = listen({ workspace, publisher: new Publisher(workspace.layout, thisOwner().nonce), clock, stop: new AbortController().signal });
  // What is heard is written down whatever becomes of the pass.
  const [first, listened] = await Promise.allSettled([pass(), listening]);
  if (first.status === 'rejected') throw first.reason;
  if (listened.status === 'rejected') throw listened.reason;
  const report = hasNews(listened.value) ? together(first.value, await pass()) : first.value;
  return withSources(report, listened.value, nextAskOfAll_ms(workspace.catalog, workspace.layout, clock()));
}

/** The two passes as one: what was done adds up, what is still to come is what the second one says. */
function together(first: PassReport, second: PassReport): PassReport {
  const counts = ['events', 'notices', 'attempts', 'handedOver', 'deferred'] as const;
  const lists = ['raised', 'receipts', 'quarantined', 'sealed'] as const;
  return {
    ...second,
    started_ms: first.started_ms,
    ...Object.fromEntries(counts.map((name) => [name, first[name] + second[name]])),
    ...Object.fromEntries(lists.map((name) => [name, [...first[name], ...second[name]]])),
    failures: [...new Set([...first.failures, ...second.failures])],
    ...(first.heartbeat && !second.heartbeat ? { heartbeat: first.heartbeat } : {}),
  };
}

/** A report that says what was heard, too. */
function withSources(report: PassReport, { polled, failures }: Listened, nextAsk_ms: number | null): PassReport {
  const found = polled
    .flatMap(({ raised }) => raised.created)
    .map(({ file, document }) => ({ event: file.slice(0, -'.json'.length), type: document.type, subject: document.subject }));
  const nextDue_ms = report.nextDue_ms === null ? nextAsk_ms : nextAsk_ms === null ? report.nextDue_ms : Math.min(report.nextDue_ms, nextAsk_ms);
  return {
    ...report,
    raised: [...report.raised, ...found],
    failures: [...report.failures, ...failures],
    sources: polled.map(({ source, recorded, failure }) => ({ source, recorded, failure })),
    nextDue_ms,
  };
}
