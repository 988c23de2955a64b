import type { EventDraft } from '../../../src/model/event.ts';
import { isNamed } from './named.ts';

type Json = Record<string, unknown>;

const instant = (text: unknown): number => Date.parse(String(text));

/** Some alert of the input is in that state since that moment; or the group was cut. */
export function follows(draft: EventDraft, input: unknown): string | null {
  const message = input as Json;
  if (draft.source !== 'alertmanager/webhook' || draft.provenance !== 'observed' || message['version'] !== '4')
    return 'another source, provenance or version';
  if (draft.type === 'source.failing') {
    const isCut = Number(message['truncatedAlerts']) > 0 && draft.data?.['truncatedAlerts'] === message['truncatedAlerts'];
    return isCut && isNamed(draft.subject, 'source/alertmanager/', String(message['receiver'])) ? null : 'nothing was cut, or it was somebody else';
  }
  const fits = (message['alerts'] as (Json | null)[]).some((alert) => {
    const { fingerprint, labels, status } = (typeof alert === 'object' && alert !== null ? alert : {}) as Json;
    if (typeof fingerprint !== 'string' || typeof labels !== 'object' || labels === null || !draft.id.startsWith(`${fingerprint}:`)) return false;
    const name = (labels as Json)['alertname'] ?? 'unnamed';
    const when = status === 'firing' ? alert?.['startsAt'] : alert?.['endsAt'];
    const type = status === 'firing' ? 'run.failed' : status === 'resolved' ? 'report.recovered' : 'none';
    return isNamed(draft.subject, 'alert/', String(name), `/${fingerprint}`) && draft.type === type && instant(draft.time) === instant(when);
  });
  return fits ? null : `${draft.type} of ${draft.subject} follows from no alert`;
}
