import { RgovError } from '../../model/errors.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';
import type { Connections } from './connections.ts';
import { type Answer, type HttpRequest, post } from './post.ts';

/** A request that is ready to go, and what its receiver may be called in an outcome. */
export interface Prepared {
  request: HttpRequest;
  receiver: string;
}

/** One attempt over HTTP: `prepare` may throw {@link RgovError} for settings that cannot be used, `judge` says what an answer means. */
export async function tryOnce(
  prepare: () => Prepared,
  judge: (answer: Answer, receiver: string) => Outcome,
  { connections, secrets, signal }: { connections: Connections; secrets: AttemptSecrets; signal: AbortSignal },
): Promise<Outcome> {
  let prepared: Prepared;
  try {
    prepared = prepare();
  } catch (error) {
    if (!(error instanceof RgovError)) throw error;
    return { kind: 'retryable', reason: secrets.brief(`nothing was sent: ${error.message}`) };
  }
  const { request, receiver } = prepared;
  const posted = await post(request, connections, signal);
  switch (posted.kind) {
    case 'answered':
      return judge(posted, receiver);
    case 'unsent':
      return { kind: 'retryable', reason: secrets.brief(`nothing was sent to ${receiver}: ${posted.why}`) };
    case 'refused':
      return { kind: 'rejected', reason: secrets.brief(`nothing was sent to ${receiver}: ${posted.why}`) };
    case 'lost':
      return { kind: 'ambiguous', reason: secrets.brief(`${receiver} may have it: ${posted.why}`) };
  }
}
