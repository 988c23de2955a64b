import { userInfo } from 'node:os';
import type { Evidence, Receipt, Stored } from '../model/artifacts.ts';
import { RgovError } from '../model/errors.ts';
import { fileName } from '../model/names.ts';
import { oneLine, truncate } from '../model/text.ts';
import { formatTime } from '../model/time.ts';
import { firstReceipt } from '../plan/settle.ts';
import { Publisher } from '../store/publish.ts';
import { readArtifact } from '../store/read.ts';
import { readCurrentReceipt } from '../store/receipts.ts';
import { addEvidence } from './evidence.ts';
import { findByPart } from './find.ts';
import { thisOwner } from './host.ts';
import type { WorkspaceOptions } from './locate.ts';
import { openWorkspace } from './workspace.ts';

export interface AcknowledgeOptions extends WorkspaceOptions {
  /** A notice, or a unique part of its name. */
  notice: string;
  /** The human who was told. */
  by: string;
  note?: string | undefined;
}

export interface Acknowledged {
  notice: string;
  receipt: Stored<Receipt>;
  /** False: the same human had said so before, and nothing was written. */
  changed: boolean;
}

/** A named human says that the notice reached them: the strongest evidence there is, whatever the sender could prove. */
export async function acknowledge(options: AcknowledgeOptions, clock: () => number = Date.now): Promise<Acknowledged> {
  const by = truncate(oneLine(options.by), 150);
  if (by === '') throw new RgovError('usage', 'the name of the human is empty', { hint: 'rgov ack NOTICE --by alice' });
  const { layout } = await openWorkspace(options);
  const { name } = findByPart(layout, options.notice, 'notice');
  const before = readCurrentReceipt(layout, name);
  if (before && !('kind' in before) && before.document.evidence.some((item) => item.by === `human:${by}` && item.level === 'acknowledged')) {
    return { notice: name, receipt: before, changed: false };
  }
  const notice = readArtifact(layout, 'notice', 'queue', name, fileName.notice(name));
  if (notice.kind !== 'ok') throw new RgovError('not_found', `the notice ${name} cannot be read`, { hint: `rgov explain ${name}` });
  const now_ms = clock();
  const evidence: Evidence = {
    level: 'acknowledged',
    by: `human:${by}`,
    at: formatTime(now_ms),
    reference: `rgov ack by the user ${userName()}`,
    ...(options.note === undefined ? {} : { detail: truncate(oneLine(options.note), 2000) }),
  };
  const first = () =>
    firstReceipt(notice.stored, null, 'none', now_ms, {
      status: 'acked',
      reason: 'acknowledged_by_human',
      detail: evidence.detail ?? '',
      evidence: [evidence],
    });
  const receipt = addEvidence(layout, new Publisher(layout, thisOwner().nonce), name, evidence, null, now_ms, first);
  return { notice: name, receipt, changed: true };
}

/** The account that ran the command: who typed it, beside who says so. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
