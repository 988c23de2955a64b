import type { Claim, Evidence, Handoff, Notice, Reopening, Stored } from '../../src/model/artifacts.ts';
import { API_VERSION } from '../../src/model/artifacts.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import { fileName } from '../../src/model/names.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { publication } from '../../src/model/publication.ts';
import type { PlannedAttempt } from '../../src/model/steps.ts';
import { formatTime } from '../../src/model/time.ts';
import { SEND_TEST_SOURCE } from '../../src/model/words.ts';
import { nextForBridge } from '../../src/plan/dispatch.ts';
import { settle } from '../../src/plan/settle.ts';
import { archiveDays } from '../../src/run/archive.ts';
import { type ConfirmDesk, confirmAll, type Statement } from '../../src/run/confirm.ts';
import { addEvidence, believedStanding } from '../../src/run/evidence.ts';
import { recordOne } from '../../src/run/record.ts';
import { Publisher } from '../../src/store/publish.ts';
import { readArtifact } from '../../src/store/read.ts';
import { expectationOf } from '../support/expectations.ts';
import { catalogOf, failedRun, notifyRule, owner, resolvedSender, type Script, World } from '../support/world.ts';

const DAY_MS = 86_400_000;
/** Days to come: a day counts as settled only if its folders have changed, by the machine's clock, well before the time of the pass. */
const dayFromNow = (n: number): string => formatTime(Math.floor(Date.now() / DAY_MS) * DAY_MS + n * DAY_MS).slice(0, 10);

/** Sealed and archived, by an archive that a seal names; the same, by one that no seal names yet; sealed; open. */
export const FIRST = dayFromNow(2);
export const SECOND = dayFromNow(3);
export const THIRD = dayFromNow(4);
export const TODAY = dayFromNow(5);

const CATALOG: Catalog = catalogOf({
  rules: [notifyRule({ requires: 'delivered' }), notifyRule({ id: 'gateway-hears', when: 'event.subject == "job/bridged"', target: 'gateway' })],
  targets: { operator: { sender: 'hook' }, gateway: { sender: 'gate' } },
  senders: {
    hook: resolvedSender({ ceiling: 'delivered', idempotent: true }),
    gate: resolvedSender({ name: 'gate', bridge: 'process', ceiling: 'delivered' }),
  },
  expectations: [
    expectationOf({ id: 'nightly', subject: 'job/nightly', due: { kind: 'every', every_ms: 36_000_000, grace_ms: 0 } as never, severity: 'warning' }),
  ],
  seal: { after_ms: 3_600_000, keyFile: null, allowedSignersFile: null },
});

const proved: Outcome = { kind: 'proved', level: 'delivered', reference: 'gw-1' };

/** What becomes of the notices of each subject, attempt by attempt; those of all others arrive. */
const FATES: Record<string, Outcome[]> = {
  'job/flaky': [{ kind: 'retryable', reason: 'busy' }, { kind: 'retryable', reason: 'busy' }, proved],
  'job/doubtful': [{ kind: 'ambiguous', reason: 'no answer' }, proved],
  'job/refused': [{ kind: 'rejected', reason: 'no such room' }, proved],
  'job/mourned': [{ kind: 'rejected', reason: 'no such room' }],
  'job/taken': [{ kind: 'custody', who: 'gateway' }],
  'job/bounced': [proved],
  'job/half': [{ kind: 'proved', level: 'accepted', reference: 'gw-2' }],
  'job/completed': [{ kind: 'proved', level: 'accepted', reference: 'gw-3' }],
};

/** A state of four days in which everything has happened that can happen, made by the program itself. */
export class Trail extends World {
  readonly #attempts = new Map<string, number>();
  /** A notice of the first day. */
  #packed = '';

  async make(): Promise<this> {
    await this.#quietDay(FIRST, ['job/a', 'job/b', 'job/nightly']);
    this.#packed = this.notice('job/a', FIRST).name;
    await this.#quietDay(SECOND, ['job/a', 'job/flaky', 'job/nightly']);
    await this.#pass(`${THIRD}T02:00:00.000Z`);
    await archiveDays(this.layout, SECOND);
    await this.#quietDay(THIRD, ['job/a', 'job/doubtful']);
    await this.#pass(`${TODAY}T02:00:00.000Z`);
    await archiveDays(this.layout, THIRD);
    await this.#eventfulDay();
    return this;
  }

  async #quietDay(day: string, subjects: readonly string[]): Promise<void> {
    const at_ms = Date.parse(`${day}T12:00:00.000Z`);
    await this.record(
      subjects.map((subject) => failedRun(`${day} ${subject}`, { subject, time: `${day}T11:59:00.000Z` })),
      at_ms,
    );
    for (const clock of ['12:00:01', '12:05:00', '13:00:00', '14:00:00']) await this.#pass(`${day}T${clock}.000Z`);
  }

  async #eventfulDay(): Promise<void> {
    const at = (clock: string): number => Date.parse(`${TODAY}T${clock}.000Z`);
    const subjects = [...Object.keys(FATES), 'job/plain', 'job/bridged', 'job/human'];
    await this.record(
      [
        ...subjects.map((subject) => failedRun(`${TODAY} ${subject}`, { subject, time: `${TODAY}T10:00:00.000Z` })),
        // Their days are sealed, so that they are filed under today.
        failedRun('late', { subject: 'job/late', time: `${FIRST}T09:00:00.000Z` }),
        failedRun('later', { subject: 'job/later', time: `${THIRD}T09:00:00.000Z` }),
      ],
      at('10:00:01'),
    );
    const publisher = new Publisher(this.layout, 'tester');
    const test = { source: SEND_TEST_SOURCE, id: 't1', type: 'notice.test', subject: 'rgov/send-test', time: `${TODAY}T10:00:02.000Z` };
    recordOne(publisher, { ...test, provenance: 'observed', data: { target: 'operator', requires: 'accepted' } }, at('10:00:02'));
    for (const clock of ['10:00:03', '10:05:00', '11:00:00']) await this.#pass(`${TODAY}T${clock}.000Z`);

    this.#bridge('job/bridged', at('11:00:01'));
    const gateway = { evidence: 'delivered', reference: 'gw-7', by: 'gateway' } as const;
    await this.#confirm({ handoff: `${this.notice('job/taken').name}.1`, ...gateway }, at('11:00:02'));
    await this.#confirm({ handoff: `${this.notice('job/completed').name}.1`, ...gateway }, at('11:00:02'));
    await this.#confirm({ handoff: `${this.notice('job/bounced').name}.1`, failed: 'mailbox full', by: 'gateway' }, at('11:00:03'));
    this.#reopen('job/refused', at('11:00:04'));
    const ack: Evidence = { level: 'acknowledged', by: 'human:anna', at: formatTime(at('11:00:05')), reference: 'test' };
    addEvidence(this.layout, publisher, this.notice('job/human').name, ack, null, at('11:00:05'));
    // Its day is sealed: the confirmation is an event of today.
    await this.#confirm({ handoff: `${this.#packed}.1`, failed: 'came back', by: 'gateway' }, at('11:00:06'));
    await this.#confirm({ handoff: `${this.notice('job/a', THIRD).name}.1`, evidence: 'accepted', reference: 'gw-9', by: 'gateway' }, at('11:00:06'));
    this.write(`events/${TODAY}/${TODAY.replaceAll('-', '')}T120000.000Z_run.failed_job.x_0123456789ab.json`, '{');
    await this.#pass(`${TODAY}T11:00:07.000Z`);
    await this.#pass(`${TODAY}T12:00:00.000Z`);
  }

  async #pass(at: string): Promise<void> {
    await this.pass({ now_ms: Date.parse(at), catalog: CATALOG, nonce: at, send: this.#fate });
  }

  readonly #fate: Script = ({ notice, idempotencyKey }) => {
    const made = this.#attempts.get(idempotencyKey) ?? 0;
    this.#attempts.set(idempotencyKey, made + 1);
    return FATES[notice.subject]?.[made] ?? proved;
  };

  async #confirm(statement: Statement, now_ms: number): Promise<void> {
    const desk: ConfirmDesk = {
      workspace: { root: this.root, catalog: CATALOG, layout: this.layout },
      publisher: new Publisher(this.layout, 'gateway'),
      livenessOf: () => 'dead',
    };
    const [verdict] = await confirmAll(desk, [{ statement, defaultBy: 'test' }], now_ms);
    if (verdict === undefined || 'error' in verdict || verdict.status === 'known') throw new Error(`not confirmed: ${JSON.stringify(verdict)}`);
  }

  /** What `rgov retry` writes. */
  #reopen(subject: string, now_ms: number): void {
    const { name, link } = this.notice(subject);
    const { receipt } = believedStanding(this.layout, name);
    if (receipt?.document.status !== 'blocked') throw new Error(`${subject} is not blocked`);
    const revision = receipt.document.revision + 1;
    const document: Reopening = {
      apiVersion: API_VERSION,
      kind: 'Reopening',
      notice: link,
      revision,
      afterAttempt: 1,
      by: 'human:anna',
      note: '',
      previous: receipt.link,
      recordedAt: formatTime(now_ms),
    };
    new Publisher(this.layout, 'anna').publishOne(publication('reopening', 'receipts', name, fileName.reopening(name, revision), document));
  }

  /** What a bridge of its own writes: its claim, and what came of the attempt. */
  #bridge(subject: string, now_ms: number): void {
    const publisher = new Publisher(this.layout, 'bridge');
    const notice = this.notice(subject, TODAY, 'gateway');
    const handoff = readArtifact(this.layout, 'handoff', 'handoffs', notice.name, fileName.handoff(notice.name, 1));
    if (handoff.kind !== 'ok') throw new Error(`there is no attempt for ${subject}`);
    const last = { number: 1, handoff: handoff.stored as Stored<Handoff>, claim: null, deferral: null, owner: 'unclaimed' as const };
    const next = nextForBridge({ notice, reopened: null, last }, 'gate', CATALOG, { now_ms, owner: owner('bridge') });
    if (next === null || !('step' in next) || next.step.kind !== 'claim') throw new Error('nothing to claim');
    const { publication: claim, attempt } = next.step as { publication: ReturnType<typeof publication<'claim'>>; attempt: PlannedAttempt };
    publisher.publishOne(claim satisfies { document: Claim });
    publisher.publishOne(settle(attempt, proved, now_ms));
  }

  notice(subject: string, day: string = TODAY, target = 'operator'): Stored<Notice> {
    for (const path of this.paths()) {
      const name = path.startsWith(`queue/${day}/`) ? path.slice(path.lastIndexOf('/') + 1, -'.json'.length) : null;
      const read = name === null ? null : readArtifact(this.layout, 'notice', 'queue', name, fileName.notice(name));
      if (read?.kind === 'ok' && read.stored.document.subject === subject && read.stored.document.target === target) return read.stored;
    }
    throw new Error(`there is no notice about ${subject} on ${day}`);
  }
}
