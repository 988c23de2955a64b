import { randomUUID } from 'node:crypto';
import { ADAPTERS } from '../adapters/registry.generated.ts';
import type { Severity } from '../model/artifacts.ts';
import { messageOf, RgovError } from '../model/errors.ts';
import type { EventDraft } from '../model/event.ts';
import { REPORT_WORDS } from '../model/event-types.ts';
import { didYouMean } from '../model/text.ts';
import { Publisher } from '../store/publish.ts';
import type { IngestedConfirmation } from './confirm-foreign.ts';
import { thisOwner } from './host.ts';
import { readInput } from './input.ts';
import type { WorkspaceOptions } from './locate.ts';
import { type RecordResult, recordAll, recordOne } from './record.ts';
import { runCommand } from './run-command.ts';
import { openLastValidWorkspace } from './workspace.ts';

export interface ReportOptions extends WorkspaceOptions {
  /** started, progress, succeeded, failed or blocked. */
  word: string;
  subject: string;
  summary?: string | undefined;
  severity?: Severity | undefined;
  runId?: string | undefined;
  /** Makes a repeated call the same fact. */
  id?: string | undefined;
  data: Record<string, unknown>;
}

/** One signal from the subject itself. Durable when this resolves. */
export async function report(options: ReportOptions, clock: () => number = Date.now): Promise<RecordResult> {
  const type = REPORT_WORDS[options.word];
  if (type === undefined) throw unknownWord('report', options.word, Object.keys(REPORT_WORDS));
  const { layout } = (await openLastValidWorkspace(options)).workspace;
  const publisher = new Publisher(layout, thisOwner().nonce);
  const data = { ...(options.summary === undefined ? {} : { summary: options.summary }), ...options.data };
  const draft: EventDraft = {
    source: 'rgov/report',
    id: options.id ?? randomUUID(),
    type,
    subject: options.subject,
    ...(options.severity === undefined ? {} : { severity: options.severity }),
    provenance: 'asserted',
    ...(options.runId === undefined ? {} : { runid: options.runId }),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
  const result =
    options.id === undefined
      ? recordOne(publisher, draft, clock()).result
      : ((await recordAll(layout, publisher, [draft], clock()))[0] as RecordResult);
  if (result.status === 'rejected') throw new RgovError('usage', `this report cannot be recorded: ${result.detail}`, { hint: 'rgov report --help' });
  return result;
}

export interface RunIntakeOptions extends WorkspaceOptions {
  subject: string;
  runId?: string | undefined;
  argv: readonly string[];
  /** Told at once when a report could not be recorded; the command runs all the same. */
  onUnrecorded(problem: unknown): void;
}

/** Runs a command and reports it. Returns its exit code, and whether its outcome is on disk. */
export async function runAndReport(options: RunIntakeOptions, clock: () => number = Date.now): Promise<{ exitCode: number; recorded: boolean }> {
  const { workspace } = await openLastValidWorkspace(options);
  const publisher = new Publisher(workspace.layout, thisOwner().nonce);
  const record = (draft: EventDraft): string | null => {
    try {
      const { result } = recordOne(publisher, draft, clock());
      if (result.status === 'recorded') return null;
      options.onUnrecorded(new RgovError('usage', `this run cannot be reported: ${result.detail}`, { hint: 'rgov run --help' }));
      return result.detail;
    } catch (error) {
      options.onUnrecorded(error);
      return messageOf(error);
    }
  };
  const { exitCode, outcome } = await runCommand({ subject: options.subject, runId: options.runId, argv: options.argv }, { clock, record });
  return { exitCode, recorded: outcome === null };
}

export interface IngestOptions extends WorkspaceOptions {
  adapter: string;
  /** Paths; `-` or none at all is standard input. */
  files: readonly string[];
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface IngestReport {
  results: (RecordResult & { from: string; type: string; subject: string })[];
  rejected: { from: string; where: string; reason: string }[];
  /** What was said of handoffs, as a delivery report does. */
  confirmations: IngestedConfirmation[];
}

/** Foreign bytes to events on disk. One bad entry never stops the others. */
export async function ingest(options: IngestOptions, clock: () => number = Date.now): Promise<IngestReport> {
  const load = Object.hasOwn(ADAPTERS, options.adapter) ? ADAPTERS[options.adapter] : undefined;
  if (!load) throw unknownWord('ingest', options.adapter, Object.keys(ADAPTERS));
  const { workspace } = await openLastValidWorkspace(options);
  const { layout } = workspace;
  const publisher = new Publisher(layout, thisOwner().nonce);
  const adapter = await load();
  const report: IngestReport = { results: [], rejected: [], confirmations: [] };
  for (const from of options.files.length === 0 ? ['-'] : options.files) {
    const { events, rejected, confirmations = [] } = adapter.translate(await readInput(from));
    const onProgress = (done: number): void => options.onProgress?.(done, events.length);
    const results = await recordAll(layout, publisher, events, clock(), onProgress);
    results.forEach((result, i) => {
      const { type, subject } = events[i] as EventDraft;
      report.results.push({ ...result, from, type, subject });
    });
    report.rejected.push(...rejected.map((item) => ({ from, ...item })));
    if (confirmations.length === 0) continue;
    const { confirmForeign } = await import('./confirm-foreign.ts');
    report.confirmations.push(...(await confirmForeign(workspace, publisher, { from, adapter: adapter.name, statements: confirmations }, clock())));
  }
  return report;
}

function unknownWord(command: string, word: string, known: readonly string[]): RgovError {
  const near = didYouMean(word, known);
  return new RgovError('usage', `rgov ${command} does not know ${JSON.stringify(word.slice(0, 80))}`, {
    expected: known.join(', '),
    hint: near === null ? `rgov ${command} --help` : `did you mean: rgov ${command} ${near}`,
  });
}
