import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Event, PolicyPack } from '../../src/model/artifacts.ts';
import type { Catalog, NotifyRule, ResolvedSender, TargetBinding } from '../../src/model/catalog.ts';
import type { EventDraft } from '../../src/model/event.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Liveness } from '../../src/model/snapshot.ts';
import { formatTime } from '../../src/model/time.ts';
import { loadForWork } from '../../src/run/validate.ts';
import { catalogOf, notifyRule, resolvedSender, type World } from '../support/world.ts';

/** What `case.yaml` says; see CONTRIBUTING.md, "Golden cases". */
export interface Case {
  description: string;
  posture?: 'observe' | 'notify' | 'enforce';
  rules?: Partial<NotifyRule>[];
  sender?: Partial<ResolvedSender>;
  /** Ways out beside `hook`, by name. */
  senders?: Record<string, Partial<ResolvedSender>>;
  targets?: Record<string, TargetBinding>;
  /** In place of rules: the `spec` of a policy pack (`expect`, `notify`) as an operator writes it, checked and resolved like one. */
  policy?: PolicyPack['spec'];
  /** In place of rules: a profile of this package, with the policy that is shipped with it. */
  profile?: string;
  /** How often passes are meant to be made, as the binding says it; without it no pause between passes is a gap. */
  schedule?: { every: string; gapAfter?: string };
  passes: CasePass[];
}

export interface CasePass {
  at: string;
  /** Recorded at that moment, before the pass; each is a failed run of job/nightly-backup but for what it says. */
  events?: (Partial<EventDraft> & { id: string })[];
  /** The same for words that need nothing else: `run.succeeded job/nightly-backup at 2026-11-23T03:10Z`, `run.started agent/main of run r1 at ...`. */
  hears?: string[];
  /** Files below the workspace, by path: `120 bytes at 2026-11-23T03:05Z`. */
  outputs?: Record<string, string>;
  /** Targets of notices that a human called anna acknowledges at that moment, before the pass. */
  acknowledges?: string[];
  /** From here on, in place of the case's own. */
  policy?: PolicyPack['spec'];
  /** Nobody watches: the words come to disk, and no pass is made. */
  away?: boolean;
  /** What the sender answers, attempt by attempt; `hangs` is a process that dies there. Beyond the list: what `answers` says. */
  outcomes?: (Outcome | 'hangs')[];
  /** What is answered to those who write to a target; without it: accepted. */
  answers?: Record<string, Outcome>;
  owner?: string;
  /** What is found out about owners of other passes. */
  owners?: Liveness;
  /** How many messages went out in this pass; or `tells`. */
  sends?: number;
  /** To whom messages went out in this pass; with a policy, nobody if it is not said. */
  tells?: string[];
  /**
   * What the watchdog wrote down, in order of time, said like `hears`; behind it `reminder 2` and `superseded`. With a policy, nothing
   * if it is not said.
   */
  raises?: string[];
  /** `ms` to the next step, from the report. */
  nextDueIn?: number | null;
  /** The moment of the next step. */
  nextDue?: string | null;
}

const WORD = /^(\S+) (\S+)(?: of run (\S+))? at (\S+)$/;

/** A word as `hears` says it. */
export function wordOf(text: string): EventDraft {
  const [, type, subject, runid, time] = WORD.exec(text) ?? [];
  if (!type || !subject || !time) throw new Error(`"${text}" is not like "run.succeeded job/nightly-backup at 2026-11-23T03:10Z"`);
  return {
    source: 'test',
    id: text,
    type,
    subject,
    time: formatTime(Date.parse(time)),
    provenance: 'observed',
    ...(runid === undefined ? {} : { runid }),
  };
}

/** An event as `raises` says it. */
export function inWords({ type, subject, runid, time, data }: Event): string {
  const { reminder, superseded } = data ?? {};
  return [
    `${type} ${subject}`,
    ...(runid === undefined ? [] : [`of run ${runid}`]),
    `at ${time.replace(/(:00)?\.000Z$/, 'Z')}`,
    ...(reminder === undefined ? [] : [`reminder ${reminder}`]),
    ...(superseded === true ? ['superseded'] : []),
  ].join(' ');
}

/** What is in force at a pass: `policy` is the one that the pass goes by. */
export async function catalogOfCase(given: Case, policy: Case['policy'], world: World): Promise<Catalog> {
  // Whether a day has come to rest is read off the real disk's own times: what is sealed is for `test/seals` to say.
  if (policy || given.profile) return { ...(await fromDocuments(given, policy, world.root)), seal: null };
  return catalogOf({
    ...(given.posture ? { posture: given.posture } : {}),
    rules: (given.rules ?? [{}]).map(notifyRule),
    senders: {
      hook: resolvedSender(given.sender),
      ...Object.fromEntries(Object.entries(given.senders ?? {}).map(([name, parts]) => [name, resolvedSender({ name, ...parts })])),
    },
    ...(given.targets ? { targets: given.targets } : {}),
  });
}

const apiVersion = 'reporting-governance/v1';
const TARGETS = ['operator', 'oncall', 'manager', 'second'];

/** The documents of a workspace in which everybody is told through one sender. */
async function fromDocuments({ profile = 'case', schedule }: Case, policy: Case['policy'], root: string): Promise<Catalog> {
  const write = (folder: string, document: object): void => {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, 'case.yaml'), stringify(document));
  };
  write('bindings', {
    apiVersion,
    kind: 'RuntimeBinding',
    metadata: { name: 'default' },
    spec: {
      profile,
      state: 'state',
      targets: Object.fromEntries(TARGETS.map((target) => [target, { sender: 'hook' }])),
      senders: { hook: { use: 'webhook', with: { url: 'https://example.com/hook' } } },
      ...(schedule ? { schedule } : {}),
    },
  });
  if (policy) {
    const spec = { posture: 'notify', policy: ['case'], requires: 'accepted', binding: { targets: TARGETS } };
    write('profiles', { apiVersion, kind: 'Profile', metadata: { name: 'case' }, spec });
    write('policy', { apiVersion, kind: 'PolicyPack', metadata: { name: 'case' }, spec: policy });
  }
  const catalog = await loadForWork(root, undefined);
  // The digest goes into every decision, and would change with each word of a document that says nothing else.
  return { ...catalog, digest: (policy ? 'd' : 'e').repeat(64), gapAfter_ms: schedule ? catalog.gapAfter_ms : null };
}
