import { API_VERSION, type Receipt, type Reopening, type Stored } from '../model/artifacts.ts';
import { check } from '../model/check.ts';
import { RgovError } from '../model/errors.ts';
import { fileName } from '../model/names.ts';
import { asStored, type Publication, publication } from '../model/publication.ts';
import { oneLine, truncate } from '../model/text.ts';
import { formatTime } from '../model/time.ts';
import { currentReceipt } from '../model/truth.ts';
import { Publisher } from '../store/publish.ts';
import { readArtifact } from '../store/read.ts';
import { believedStanding, revisionFiles } from './evidence.ts';
import { findByPart } from './find.ts';
import { livenessOf, thisOwner } from './host.ts';
import { isLate } from './late.ts';
import { Ledger } from './ledger.ts';
import type { WorkspaceOptions } from './locate.ts';
import { openLastValidWorkspace } from './workspace.ts';

export interface RetryOptions extends WorkspaceOptions {
  /** A notice, or a unique part of its name. */
  notice: string;
  /** The human who has judged it. */
  by: string;
  note?: string | undefined;
}

export interface Retried {
  notice: string;
  reopening: Stored<Reopening>;
  /** False: it was opened again before, and nothing was written. */
  changed: boolean;
}

/** More writers than this at one notice at the same moment do not exist. */
const MAX_TRIES = 20;

/** A human has judged a notice that was blocked: the next pass makes one more attempt, with the same idempotency key. */
export async function retry(options: RetryOptions, clock: () => number = Date.now): Promise<Retried> {
  const by = truncate(oneLine(options.by), 150);
  if (by === '') throw new RgovError('usage', 'the name of the human is empty', { hint: 'rgov retry NOTICE --by alice' });
  const { layout } = (await openLastValidWorkspace(options)).workspace;
  const { name } = findByPart(layout, options.notice, 'notice');
  const read = readArtifact(layout, 'notice', 'queue', name, fileName.notice(name));
  if (read.kind !== 'ok') throw new RgovError('not_found', `the notice ${name} cannot be read`, { hint: `rgov explain ${name}` });
  const publisher = new Publisher(layout, thisOwner().nonce);
  for (let n = 0; n < MAX_TRIES; n++) {
    const { receipt, reopened } = believedStanding(layout, name);
    if (reopened) return { notice: name, reopening: reopened, changed: false };
    const blocked = onlyBlocked(receipt, name);
    const document: Reopening = {
      apiVersion: API_VERSION,
      kind: 'Reopening',
      notice: read.stored.link,
      revision: blocked.document.revision + 1,
      afterAttempt: new Ledger(layout, (owner) => livenessOf(owner)).lastAttempt(name),
      by: `human:${by}`,
      note: truncate(oneLine(options.note ?? ''), 2000),
      previous: blocked.link,
      recordedAt: formatTime(clock()),
    };
    const next = publication('reopening', 'receipts', name, fileName.reopening(name, document.revision), document);
    checked(next, name);
    if (isLate(publisher, name)) throw tooLate(name, read.stored.document.subject);
    if (publisher.publishOne(next) === 'differs') continue;
    // Somebody may have written a receipt with the same number at the same moment, which outweighs this.
    const same = revisionFiles(layout, name).filter(({ revision }) => revision === document.revision);
    if (currentReceipt(same)?.file === next.file) return { notice: name, reopening: asStored(name, next), changed: true };
  }
  throw new RgovError('state_io', `the reopening of ${name} could not be written: others keep taking its number`);
}

/** What is proved need not be tried again, and what another system has must not be. */
function onlyBlocked(receipt: Stored<Receipt> | null, name: string): Stored<Receipt> {
  if (receipt === null) {
    throw new RgovError('negative', `nothing was done: ${name} has no outcome yet, and is tried by itself`, {
      expected: 'a notice that is blocked',
      hint: 'rgov reconcile',
    });
  }
  const { status, custody, handoff } = receipt.document;
  if (status === 'pending_external_send') {
    throw new RgovError('negative', `nothing was done: ${custody ?? 'another system'} has ${name}, and sending it again could tell the human twice`, {
      expected: 'a notice that is blocked',
      hint: `if it is known that it did not arrive: rgov confirm ${handoff === null ? name : attemptOf(handoff.path)} --failed REASON`,
    });
  }
  if (status === 'acked') {
    throw new RgovError('negative', `nothing was done: ${name} is acked, with the evidence that it requires`, {
      expected: 'a notice that is blocked',
      hint: `if it did not arrive after all: rgov confirm ${handoff === null ? name : attemptOf(handoff.path)} --failed REASON`,
    });
  }
  return receipt;
}

function tooLate(notice: string, subject: string): RgovError {
  return new RgovError('negative', `nothing was done: the day of ${notice} is sealed, and no attempt can be added to it`, {
    expected: 'a notice of a day that is not sealed yet',
    hint: `say it anew, as a fact of today: rgov report failed --subject ${subject}`,
  });
}

const attemptOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1, -'.json'.length);

function checked({ document, link }: Publication<'reopening'>, name: string): void {
  const failure = check('reopening', document);
  if (failure === null) return;
  throw new RgovError('negative', `nothing was written: ${link.path} would not be valid: ${failure.detail}`, { hint: `rgov explain ${name}` });
}
