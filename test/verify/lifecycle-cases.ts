import { API_VERSION } from '../../src/model/artifacts.ts';
import { fileName, noticeName } from '../../src/model/names.ts';
import { owner } from '../support/world.ts';
import { TODAY } from './state.ts';
import type { Case, Tampered } from './tampered.ts';

const PLAIN = 'receipts/today/plain.1.acked.json';
const HANDOFF = 'handoffs/today/plain.1.json';

// biome-ignore lint/suspicious/noExplicitAny: documents of every kind
type Change = (document: Record<string, any>) => unknown;
/** One artifact says something else, and all that leads to it was adjusted. */
const forged = (what: string, label: string, change: Change, ...finds: string[]): Case => ({
  what,
  tamper: (trail) => trail.forge(label, change),
  finds,
});
const set =
  (parts: object): Change =>
  (document) =>
    Object.assign(document, parts);

export const LIFECYCLE_CASES: readonly Case[] = [
  // events, decisions, notices
  forged(
    'a word that was late on its own day',
    'events/today/run.failed:late.json',
    set({ time: `${TODAY}T09:00:00.000Z` }),
    'filed_wrongly events/today/run.failed:late.json',
  ),
  forged(
    'a decision that forgot what it asked for',
    'decisions/today/run.failed:plain.json',
    set({ notices: [] }),
    'decision_contradicts decisions/today/run.failed:plain.json',
    'notice_not_decided queue/today/plain.json',
  ),
  forged(
    'a decision whose rules did not ask',
    'decisions/today/run.failed:plain.json',
    ({ rules }) => Object.assign(rules[0], { outcome: 'withheld', reason: 'deduplicated' }),
    'decision_contradicts decisions/today/run.failed:plain.json',
  ),
  forged(
    'a decision that names another target',
    'decisions/today/run.failed:plain.json',
    ({ notices }) => Object.assign(notices[0], { target: 'nobody' }),
    'decision_contradicts decisions/today/run.failed:plain.json',
    'notice_differs queue/today/plain.json',
  ),
  {
    what: 'a notice taken away before anything followed from it',
    tamper: (trail) => trail.remove('handoffs/today/bridged:gateway:again.1.json', 'queue/today/bridged:gateway:again.json'),
    finds: ['notice_missing queue/today/bridged:gateway:again.json'],
  },
  { what: 'a notice that nobody decided', tamper: makeUpNotice, finds: ['notice_not_decided queue/today/…made-up…'] },
  forged('a deadline put off', 'queue/today/plain.json', set({ deadline: `${TODAY}T23:59:59.000Z` }), 'notice_differs queue/today/plain.json'),
  forged('a severity talked down', 'queue/today/plain.json', set({ severity: 'info' }), 'notice_differs queue/today/plain.json'),

  // attempts
  forged(
    'another key',
    HANDOFF,
    (handoff) => set({ idempotencyKey: `${handoff['idempotencyKey'].slice(0, -1)}x`.replace(/x$/, '0') })(handoff),
    `key_differs ${HANDOFF}`,
  ),
  forged('a claim without its lease', HANDOFF, set({ leaseMs: null }), `claim_contradicts ${HANDOFF}`),
  forged(
    'a time of a claim without an owner',
    'handoffs/today/bridged:gateway.1.json',
    set({ claimedAt: `${TODAY}T10:00:00.000Z` }),
    'claim_contradicts handoffs/today/bridged:gateway.1.json',
  ),
  { what: 'a second claim', tamper: claimAgain, finds: ['claimed_twice handoffs/today/plain.1.claimed.json'] },
  {
    what: 'a claim taken away',
    tamper: (trail) => trail.remove('handoffs/today/bridged:gateway.1.claimed.json'),
    finds: ['outcome_unclaimed receipts/today/bridged:gateway.1.acked.json'],
  },
  {
    what: 'an attempt in the middle taken away',
    tamper: (trail) => trail.remove('handoffs/today/flaky.2.json', 'handoffs/today/flaky.2.deferred.json'),
    finds: ['attempt_out_of_order handoffs/today/flaky.3.json', 'cause_missing handoffs/today/flaky.2.deferred.json'],
  },
  {
    what: 'an attempt that names an earlier end than the one before it',
    tamper: (trail) => trail.forge('handoffs/today/flaky.3.json', set({ previous: trail.link('handoffs/today/flaky.1.deferred.json') })),
    finds: ['attempt_out_of_order handoffs/today/flaky.3.json'],
  },
  forged(
    'an attempt that names nothing before it',
    'handoffs/today/doubtful.2.json',
    set({ previous: null }),
    'attempt_out_of_order handoffs/today/doubtful.2.json',
  ),
  {
    what: 'a first attempt that names one before it',
    tamper: (trail) => trail.forge(HANDOFF, set({ previous: trail.link('handoffs/today/flaky.1.deferred.json') })),
    finds: [`attempt_out_of_order ${HANDOFF}`],
  },
  { what: 'one more attempt after the outcome', tamper: attemptAgain, finds: ['attempt_after_end handoffs/today/plain.2.json'] },
  { what: 'an attempt that came back and was proved', tamper: (trail) => defer(trail, 'plain', 1), finds: [`two_outcomes ${PLAIN}`] },
  {
    what: 'an attempt that came back and was refused',
    tamper: (trail) => defer(trail, 'mourned', 1),
    finds: ['two_outcomes receipts/today/mourned.1.blocked.json'],
  },
  {
    what: 'a deferral of an attempt that was never made',
    tamper: (trail) => defer(trail, 'plain', 2),
    finds: ['cause_missing handoffs/today/plain.2.json'],
  },

  // receipts
  forged('a proof without an attempt', PLAIN, set({ handoff: null }), `receipt_without_handoff ${PLAIN}`),
  forged(
    'a proof without an attempt, behind the word of a human',
    'receipts/today/human.2.acked.json',
    set({ handoff: null }),
    'receipt_without_handoff receipts/today/human.2.acked.json',
  ),
  forged(
    'a refusal without an attempt',
    'receipts/today/mourned.1.blocked.json',
    set({ handoff: null }),
    'receipt_without_handoff receipts/today/mourned.1.blocked.json',
  ),
  {
    what: 'a first revision taken away',
    tamper: (trail) =>
      trail.remove(
        'receipts/today/taken.1.pending_external_send.json',
        'events/today/notice.overdue:taken.json',
        'decisions/today/notice.overdue:taken.json',
      ),
    finds: ['cause_missing receipts/today/taken.1.pending_external_send.json', 'revision_gap receipts/today/taken.2.acked.json'],
  },
  forged(
    'a revision that builds on nothing',
    'receipts/today/taken.2.acked.json',
    set({ previous: null }),
    'revision_out_of_order receipts/today/taken.2.acked.json',
  ),
  {
    what: 'a revision that builds on another notice',
    tamper: (trail) =>
      trail.forge('receipts/today/taken.2.acked.json', set({ previous: trail.link('receipts/today/half.1.pending_external_send.json') })),
    finds: ['revision_out_of_order receipts/today/taken.2.acked.json'],
  },
  forged('a demand lowered in the receipt', PLAIN, set({ requires: 'accepted' }), `requires_differs ${PLAIN}`),
  forged(
    'a proof that is not admitted',
    'receipts/today/half.1.pending_external_send.json',
    ({ evidence }) => Object.assign(evidence[0], { level: 'delivered' }),
    'status_contradicts_evidence receipts/today/half.1.pending_external_send.json',
  ),
  forged(
    'evidence above the ceiling of the attempt, and a ceiling raised for it',
    PLAIN,
    (receipt) => set({ ceiling: 'seen', evidence: [{ ...receipt['evidence'][0], level: 'seen' }] })(receipt),
    `evidence_above_ceiling ${PLAIN}`,
    `evidence_above_ceiling ${PLAIN}`,
  ),
  forged(
    'a report above the ceiling of the attempt',
    'handoffs/today/taken.1.json',
    ({ sender }) => Object.assign(sender, { ceiling: 'accepted' }),
    'evidence_above_ceiling receipts/today/taken.1.pending_external_send.json',
    'evidence_above_ceiling receipts/today/taken.2.acked.json',
    'evidence_above_ceiling receipts/today/taken.2.acked.json',
  ),
  forged('a voucher who sent nothing', PLAIN, ({ evidence }) => Object.assign(evidence[0], { by: 'sender:other' }), `evidence_by_stranger ${PLAIN}`),
  forged(
    'proof that was dropped',
    'receipts/today/completed.2.acked.json',
    (receipt) => set({ evidence: receipt['evidence'].slice(1) })(receipt),
    'evidence_vanished receipts/today/completed.2.acked.json',
  ),
  {
    what: 'a notice opened again that was not blocked',
    tamper: (trail) => reopen(trail, 'plain', 1, PLAIN),
    finds: ['reopened_without_cause receipts/today/plain.2.reopened.json'],
  },
  {
    what: 'a notice opened again after an attempt that was never made',
    tamper: (trail) => trail.forge('receipts/today/refused.2.reopened.json', set({ afterAttempt: 7 })),
    finds: ['attempt_after_end handoffs/today/refused.2.json', 'reopened_without_cause receipts/today/refused.2.reopened.json'],
  },
];

const written = (path: string): string => path.slice(path.lastIndexOf('/') + 1, -'.json'.length);

function makeUpNotice(trail: Tampered): void {
  const notice = trail.json('queue/today/plain.json');
  const rule = { pack: 'unattended-work', id: 'made-up' };
  const id = noticeName({ time: notice['time'], event: written(notice['event'].path), pack: rule.pack, rule: rule.id, target: 'operator' });
  trail.write(`queue/${TODAY}/${fileName.notice(id)}`, { ...notice, id, rule });
}

function claimAgain(trail: Tampered): void {
  const claim = {
    apiVersion: API_VERSION,
    kind: 'Claim',
    handoff: trail.link(HANDOFF),
    owner: owner('thief'),
    claimedAt: `${TODAY}T10:00:00.000Z`,
    leaseMs: 1000,
  };
  trail.write(trail.path(HANDOFF).replace('.json', '.claimed.json'), claim);
}

function attemptAgain(trail: Tampered): void {
  trail.write(trail.path(HANDOFF).replace('.1.json', '.2.json'), { ...trail.json(HANDOFF), attempt: 2 });
}

function defer(trail: Tampered, subject: string, attempt: number): void {
  const first = trail.path(`handoffs/today/${subject}.1.json`);
  const path = first.replace('.1.json', `.${attempt}.json`);
  const handoff = attempt === 1 ? trail.link(first) : { path, sha256: '0'.repeat(64) };
  const at = `${TODAY}T10:00:00.000Z`;
  const deferral = { apiVersion: API_VERSION, kind: 'Deferral', handoff, reason: 'retryable', detail: '', retryAt: at, recordedAt: at };
  trail.write(path.replace('.json', '.deferred.json'), deferral);
}

function reopen(trail: Tampered, subject: string, afterAttempt: number, receipt: string): void {
  const name = written(trail.path(`queue/today/${subject}.json`));
  const document = {
    apiVersion: API_VERSION,
    kind: 'Reopening',
    notice: trail.link(`queue/today/${subject}.json`),
    revision: 2,
    afterAttempt,
    by: 'human:mallory',
    note: '',
    previous: trail.link(receipt),
    recordedAt: `${TODAY}T10:00:00.000Z`,
  };
  trail.write(`receipts/${TODAY}/${fileName.reopening(name, 2)}`, document);
}
