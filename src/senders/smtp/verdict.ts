import type { Outcome } from '../../model/outcome.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';
import type { Ended } from './session.ts';

/** What the end of a session means. `who` names the server. */
export function verdict(ended: Ended, who: string, secrets: AttemptSecrets): Outcome {
  switch (ended.kind) {
    case 'accepted': {
      const reports = ended.reports ? 'a delivery report was asked for' : 'the server offers no delivery reports (DSN)';
      return {
        kind: 'proved',
        level: 'accepted',
        reference: secrets.brief(queueIdIn(ended.answer)),
        detail: secrets.brief(`${who} took it; ${reports}: ${ended.answer}`),
      };
    }
    case 'refused': {
      // RFC 5321, section 4.2.1: 4yz asks to come again, 5yz asks not to.
      if (ended.code >= 500) return { kind: 'rejected', reason: secrets.brief(`${who} refused it: ${ended.answer}`) };
      return { kind: 'retryable', reason: secrets.brief(`${who} does not take it now: ${ended.answer}`) };
    }
    case 'broken':
      if (ended.handedOver) return { kind: 'ambiguous', reason: secrets.brief(`${who} may have it: ${ended.why}`) };
      return { kind: 'retryable', reason: secrets.brief(`nothing was sent to ${who}: ${ended.why}`) };
  }
}

/** How servers name the place in their queue: Postfix, Exim, Sendmail and OpenSMTPD; by the words that they ship with. */
const QUEUE_IDS = [/\bqueued as ([\w.-]+)/i, /\bid=([\w.-]+)/i, /^250(?:[ -]2\.\d+\.\d+)? ([\w.-]+) Message accepted for delivery/i];

/** The server's own id for the mail; else the answer itself, which its log holds as well. */
export function queueIdIn(answer: string): string {
  for (const pattern of QUEUE_IDS) {
    const id = pattern.exec(answer)?.[1];
    if (id !== undefined) return id;
  }
  return answer;
}
