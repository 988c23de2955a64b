import type { Evidence, Receipt, Stored } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { dayOf, fileName } from '../model/names.ts';
import { oneLine, truncate } from '../model/text.ts';
import { formatTime } from '../model/time.ts';
import { Publisher } from '../store/publish.ts';
import { readArtifact } from '../store/read.ts';
import { tokenReader } from './ack-token.ts';
import { confirmOne, userName } from './confirm.ts';
import { addEvidence, believedStanding, readNotice } from './evidence.ts';
import { findByPart } from './find.ts';
import { thisOwner } from './host.ts';
import { isLate, recordLate } from './late.ts';
import type { WorkspaceOptions } from './locate.ts';
import { openLastValidWorkspace, openWorkspace, type Workspace } from './workspace.ts';

export interface AcknowledgeOptions extends WorkspaceOptions {
  /** A notice, or a unique part of its name; not needed with a token. */
  notice?: string | undefined;
  /** The human who was told; with a token the notice's target if it is not said. */
  by?: string | undefined;
  /** Of an acknowledgement link: it names the notice, and proves that whoever has it got the message. */
  token?: string | undefined;
  note?: string | undefined;
}

export interface Acknowledged {
  notice: string;
  /** The human, as the receipt names them. */
  by: string;
  receipt: Stored<Receipt>;
  /** False: the same human had said so before, and nothing was written. */
  changed: boolean;
  /** Where the notice's day is sealed: the event that says so. */
  event?: string;
}

/** A named human says that the notice reached them: the strongest evidence there is, whatever the sender could prove. */
export async function acknowledge(options: AcknowledgeOptions, clock: () => number = Date.now): Promise<Acknowledged> {
  if (options.token !== undefined) return acknowledgeByToken((await openLastValidWorkspace(options)).workspace, options, options.token, clock);
  if (options.notice === undefined)
    throw new RgovError('usage', 'no notice is named', { hint: 'rgov ack NOTICE --by alice   (or: rgov ack --token TOKEN)' });
  const by = truncate(oneLine(options.by ?? ''), 150);
  if (by === '') throw new RgovError('usage', 'the name of the human is empty', { hint: 'rgov ack NOTICE --by alice' });
  const { layout } = await openWorkspace(options);
  const { name } = findByPart(layout, options.notice, 'notice');
  const publisher = new Publisher(layout, thisOwner().nonce);
  const { receipt: before } = believedStanding(layout, name);
  if (before?.document.evidence.some((item) => item.by === `human:${by}` && item.level === 'acknowledged')) {
    publisher.syncDays('receipts', [dayOf(name)]);
    return { notice: name, by, receipt: before, changed: false };
  }
  const now_ms = clock();
  const evidence: Evidence = {
    level: 'acknowledged',
    by: `human:${by}`,
    at: formatTime(now_ms),
    reference: `rgov ack by the user ${userName()}`,
    ...(options.note === undefined ? {} : { detail: truncate(oneLine(options.note), 2000) }),
  };
  if (isLate(publisher, name) && before !== null) {
    const told = { notice: readNotice(layout, name), handoff: null, said: { kind: 'evidence' as const, evidence } };
    const { event, isNews } = recordLate(layout, publisher, told, now_ms);
    return { notice: name, by, receipt: before, changed: isNews, event };
  }
  const receipt = addEvidence(layout, publisher, name, evidence, null, now_ms);
  return { notice: name, by, receipt, changed: true };
}

async function acknowledgeByToken(workspace: Workspace, options: AcknowledgeOptions, token: string, clock: () => number): Promise<Acknowledged> {
  const signed = tokenReader(workspace)(token);
  if (options.notice !== undefined && findByPart(workspace.layout, options.notice, 'notice').name !== signed) {
    throw new RgovError('usage', `the token is that of another notice: ${signed}`, { hint: 'rgov ack --token TOKEN' });
  }
  const incoming = { statement: { token, by: options.by, detail: options.note }, defaultBy: userName() };
  const { notice, receipt, changed, event } = await confirmOne(workspace, incoming, clock());
  if (receipt === null) throw new RgovError('internal', 'an acknowledgement without a receipt');
  const named = readArtifact(workspace.layout, 'notice', 'queue', notice, fileName.notice(notice));
  const by = options.by ?? (named.kind === 'ok' ? named.stored.document.target : '');
  return { notice, by, receipt, changed, ...(event === undefined ? {} : { event }) };
}
