import { ADAPTERS } from '../../adapters/registry.generated.ts';
import type { ResolvedSource } from '../../model/catalog.ts';
import { messageOf, RgovError } from '../../model/errors.ts';
import type { EventDraft } from '../../model/event.ts';
import { eventHash } from '../../model/names.ts';
import { EventIndex } from '../../store/event-index.ts';
import type { Publisher } from '../../store/publish.ts';
import { secretResolver } from '../host.ts';
import { publish, type Raised } from '../raise.ts';
import { recordAll } from '../record.ts';
import type { Workspace } from '../workspace.ts';
import { failingDraft, recoveredDraft } from './failing.ts';
import { hear } from './hear.ts';
import type { Heard } from './heard.ts';
import type { SourceMemory } from './memory.ts';

/** What came of asking one source. */
export interface Polled {
  source: string;
  /** Events that were not known before. */
  recorded: number;
  /** Why it counts as failed; null if all went well. */
  failure: string | null;
  /** What the watchdog made of that. */
  raised: Raised;
  memory: SourceMemory;
}

export interface PollDesk {
  workspace: Workspace;
  publisher: Publisher;
  clock: () => number;
  /** For a process that has to end: nothing more is written then. */
  stop: AbortSignal;
}

/** Asks one source once, and writes down what it says. Never throws but for a state that cannot be written. */
export async function poll(source: ResolvedSource, before: SourceMemory | undefined, desk: PollDesk): Promise<Polled> {
  const asked_ms = desk.clock();
  const { said, down } = await hear(source, desk.workspace.root, secretResolver(desk.workspace.root, process.env), desk.stop);
  const lastsLong = down !== null && (before?.failures ?? 0) + 1 >= source.failAfter;
  const taken = said.ok ? await takeAll(source, said, lastsLong, desk) : { recorded: 0, refused: [] };
  const failure = said.ok ? (down === null ? wordsFor(taken.refused) : `the runtime does not answer: ${down}`) : said.why;
  const memory = afterwards(before, failure, asked_ms);
  const draft = failure === null ? recoveredDraft(source, before, asked_ms) : failingDraft(source, memory);
  return { source: source.name, recorded: taken.recorded, failure, raised: await raiseOnce(draft, desk), memory };
}

type Said = Extract<Heard, { ok: true }>;

interface Taken {
  recorded: number;
  refused: string[];
}

async function takeAll(source: ResolvedSource, { pieces, troubles = [] }: Said, runtimeIsDown: boolean, desk: PollDesk): Promise<Taken> {
  const load = ADAPTERS[source.adapter];
  if (!load) throw new Error(`there is no adapter ${source.adapter}`);
  const adapter = await load();
  const all: Taken = { recorded: 0, refused: [...troubles] };
  for (const { from, bytes, settle } of pieces) {
    const { events, rejected, confirmations = [] } = adapter.translate(bytes, { runtimeIsDown });
    const refused = rejected.map(({ where, reason }) => `${where}: ${reason}`);
    const { layout } = desk.workspace;
    for (const { status, detail } of await recordAll(layout, desk.publisher, events, desk.clock())) {
      if (status === 'recorded') all.recorded++;
      if (status === 'rejected' || status === 'conflict') refused.push(detail);
    }
    if (confirmations.length > 0) {
      const { confirmForeign } = await import('../confirm-foreign.ts');
      const answers = await confirmForeign(desk.workspace, desk.publisher, { from, adapter: adapter.name, statements: confirmations }, desk.clock());
      refused.push(...answers.flatMap(({ status, detail }) => (status === 'rejected' ? [detail] : [])));
    }
    try {
      settle(refused);
    } catch (error) {
      if (!(error instanceof RgovError)) throw error;
      refused.push(messageOf(error));
    }
    all.refused.push(...refused.map((reason) => (from === '' ? reason : `${from}: ${reason}`)));
  }
  return all;
}

/** Something that cannot be read is something that nobody is told of. */
function wordsFor(refused: readonly string[]): string | null {
  const [first] = refused;
  if (first === undefined) return null;
  return refused.length === 1 ? `an entry was refused: ${first}` : `${refused.length} entries were refused, the first: ${first}`;
}

function afterwards(before: SourceMemory | undefined, failure: string | null, asked_ms: number): SourceMemory {
  if (failure === null) return { asked_ms, failures: 0, failingSince_ms: null, why: '' };
  return { asked_ms, failures: (before?.failures ?? 0) + 1, failingSince_ms: Math.min(before?.failingSince_ms ?? asked_ms, asked_ms), why: failure };
}

async function raiseOnce(draft: EventDraft | null, { workspace, publisher, clock }: PollDesk): Promise<Raised> {
  const raised: Raised = { created: [], refused: [] };
  if (draft === null) return raised;
  const isKnown = new EventIndex(workspace.layout).find(new Set([eventHash(draft.source, draft.id)])).size > 0;
  if (!isKnown) await publish([draft], { publisher, now_ms: clock() }, raised);
  return raised;
}
