import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactKind, type Decision, type Event, type Receipt, STAGES, type Stage } from '../../../src/model/artifacts.ts';
import { parseFile } from '../../../src/model/names.ts';
import { Layout } from '../../../src/store/layout.ts';
import { readArtifact } from '../../../src/store/read.ts';
import { Checker } from '../../bridge/checker.ts';
import type { Received } from '../../bridge/receiver.ts';
import { DurableNames } from './durable.ts';
import { filesBelow, normal } from './fingerprint.ts';
import type { Call } from './shim.ts';
import type { Ran } from './stage.ts';

export interface Violation {
  check: string;
  what: string;
}

/** What must be there in the end, whatever went wrong on the way. */
export interface Expected {
  /** Ids of events, each of them once. */
  events: string[];
  /** Notices, each of them acked. */
  notices: number;
  /** Files in quarantine, each with its note. */
  quarantined: number;
}

/** What a run may do while one of its calls fails. */
export function judgeRun({ code, stdout, stderr }: Ran, killed: boolean): Violation[] {
  const violations: Violation[] = [];
  const allowed: (number | string)[] = killed ? ['SIGKILL'] : [0, 1, 4];
  if (!allowed.includes(code)) violations.push({ check: 'exit code', what: `${code}: ${stderr}` });
  if (/^\s+at .+:\d+/m.test(stderr)) violations.push({ check: 'stack trace', what: stderr });
  if (code === 4 && !/cannot \w+ |\bE[A-Z]{2,}: /.test(stdout + stderr))
    violations.push({ check: 'exit code 4 without saying what cannot be done', what: stdout + stderr });
  return violations;
}

/** Reads the calls of processes in their order: what each of them promised was durable when it did. */
export class PromiseJudge {
  readonly #names = new DurableNames();
  readonly violations: Violation[] = [];

  /** Takes in what a process did. `succeeded`: it told an emitter that its event is recorded. */
  follow({ calls, code }: Ran, isEmitter: boolean): void {
    this.#names.follow(calls, (call) => this.#judge(call));
    if (!isEmitter || code !== 0) return;
    for (const path of this.#names.fleeting(isEvent)) this.violations.push({ check: 'recorded, and not durable', what: path });
  }

  /** What a power cut could take back now, but for numbers of processes. */
  fleeting(): string {
    return normal(this.#names.fleeting(() => true).join(' '));
  }

  #judge({ name, n, path, done }: Call): void {
    if (n === 0 && name === 'message') this.#judgeMessage(done);
    if (name === 'unlink' && path.startsWith('inbox/')) {
      for (const event of this.#names.fleeting(isEvent))
        this.violations.push({ check: 'a drop taken away before its event is durable', what: event });
    }
  }

  /** An attempt is made only once its claim is durable. */
  #judgeMessage(key: string): void {
    const claims = this.#names.made((path) => path.startsWith('handoffs/') && path.includes(`/${key}.`) && !path.endsWith('.deferred.json'));
    const last = claims.at(-1);
    if (last === undefined) this.violations.push({ check: 'sent without a claim', what: key });
    else if (!this.#names.has(last)) this.violations.push({ check: 'sent before its claim was durable', what: last });
    const receipts = this.#names.made((path) => path.startsWith('receipts/') && path.includes(`/${key}.`) && path.endsWith('.acked.json'));
    for (const path of receipts) this.violations.push({ check: 'receipt before its message', what: path });
    // Without it a power cut would leave a claim of nothing, and the notice would be made and sent once more.
    for (const path of this.#names.fleeting((path) => path.startsWith('queue/') && path.includes(`/${key}.`)))
      this.violations.push({ check: 'sent before its notice was durable', what: path });
  }
}

const isEvent = (path: string): boolean => path.startsWith('events/') && path.endsWith('.json');

/** What is there once everything has come to its end. */
export function judgeState(state: string, received: readonly Received[], expected: Expected): Violation[] {
  const { documents, violations } = readAll(state);
  const events = documents.filter((item): item is Read<Event> => item.kind === 'event');
  for (const id of expected.events) {
    const found = events.filter(({ document }) => document.id === id);
    if (found.length !== 1) violations.push({ check: found.length === 0 ? 'event lost' : 'event doubled', what: id });
  }
  const decided = new Set(documents.flatMap(({ kind, document }) => (kind === 'decision' ? [(document as Decision).event.path] : [])));
  for (const { path } of events) if (!decided.has(path)) violations.push({ check: 'event without a decision', what: path });
  violations.push(...new Checker(state).check(received, { idempotent: true, notices: expected.notices }));
  violations.push(...revisionGaps(documents));
  const quarantined = filesBelow(join(state, 'quarantine')).filter((path) => !path.endsWith('.reason.json') && !path.includes('/.'));
  if (quarantined.length !== expected.quarantined)
    violations.push({ check: 'quarantine', what: `${quarantined.length} files: ${quarantined.join(', ')}` });
  for (const path of quarantined)
    if (!existsSync(join(state, 'quarantine', `${path}.reason.json`))) violations.push({ check: 'quarantine lost the note', what: path });
  const drops = filesBelow(join(state, 'inbox'));
  if (drops.length > 0) violations.push({ check: 'a drop was left', what: drops.join(', ') });
  return violations;
}

interface Read<T> {
  kind: ArtifactKind;
  path: string;
  document: T;
}

/** Every artifact, and what is wrong with those that no reader may believe. */
function readAll(state: string): { documents: Read<unknown>[]; violations: Violation[] } {
  const layout = new Layout(state);
  const documents: Read<unknown>[] = [];
  const violations: Violation[] = [];
  for (const stage of STAGES) {
    for (const relative of filesBelow(join(state, stage))) {
      const [day = '', file = ''] = relative.split('/');
      const path = `${stage}/${relative}`;
      const parsed = parseFile(stage, day, file);
      if (parsed === null) {
        violations.push({ check: 'a name that means nothing', what: path });
        continue;
      }
      const read = readArtifact(layout, parsed.kind, stage as Stage, parsed.name, file);
      if (read.kind === 'ok') documents.push({ kind: parsed.kind, path, document: read.stored.document });
      else violations.push({ check: 'invalid artifact', what: `${path}: ${read.kind === 'bad' ? read.detail : 'gone'}` });
    }
  }
  return { documents, violations };
}

/** Receipts of one notice are revisions 1, 2, 3 without a gap. */
function revisionGaps(documents: readonly Read<unknown>[]): Violation[] {
  const byNotice = new Map<string, number[]>();
  for (const { kind, document } of documents) {
    if (kind !== 'receipt') continue;
    const { notice, revision } = document as Receipt;
    byNotice.set(notice.path, [...(byNotice.get(notice.path) ?? []), revision]);
  }
  return [...byNotice].flatMap(([notice, revisions]) => {
    const sorted = revisions.sort((a, b) => a - b);
    return sorted.every((revision, i) => revision === i + 1) ? [] : [{ check: 'receipts of one notice', what: `${notice}: ${sorted.join(', ')}` }];
  });
}

/** Temporary files that a process which ended by itself has left: it was to take them away. */
export function leftovers(state: string): string[] {
  return filesBelow(state).filter((path) => /^\.tmp\/|~\d+-\d+$|\.json\.\d+(\.\d+)?$|^\.cache\/.*\.\d+$/.test(path));
}
