import { API_VERSION, type Decision, type Event, type Link, type Notice, type Stored } from '../model/artifacts.ts';
import { filedTime, fileName } from '../model/names.ts';
import { type Publication, publication } from '../model/publication.ts';
import { composeMessage } from './message.ts';

export type RequiredNotice = Decision['notices'][number];

/** The queue artifact. It follows from the event and the decision alone, so that a lost one can be made again byte for byte. */
export function enqueue(required: RequiredNotice, event: Stored<Event>, decision: Link): Publication<'notice'> {
  const { subject, severity, type } = event.document;
  const document: Notice = {
    apiVersion: API_VERSION,
    kind: 'Notice',
    id: required.id,
    event: event.link,
    decision,
    rule: { pack: required.pack, id: required.rule },
    target: required.target,
    requires: required.requires,
    subject,
    eventType: type,
    severity,
    time: filedTime(event.document),
    deadline: required.deadline,
    ...(required.dedupe ? { dedupe: required.dedupe } : {}),
    ...(required.escalate ? { escalate: required.escalate } : {}),
    ...composeMessage(event.document),
  };
  return publication('notice', 'queue', required.id, fileName.notice(required.id), document);
}
