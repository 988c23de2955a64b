import { messageOf, RgovError } from '../../model/errors.ts';
import type { AttemptSecrets } from '../attempt-secrets.ts';
import type { Probed } from '../sender.ts';
import type { Connections } from './connections.ts';
import { RefusedAddress } from './guard.ts';
import { wordsFor } from './post.ts';
import type { Prepared } from './try-once.ts';

/**
 * Makes the connection that a request would go over, TLS and the check of its address included, and hangs up: no byte of a request is sent. What the
 * receiver would say to one is not known then.
 */
export async function reach(
  prepare: () => Prepared,
  { connections, secrets, signal }: { connections: Connections; secrets: AttemptSecrets; signal: AbortSignal },
): Promise<Probed> {
  let prepared: Prepared;
  try {
    prepared = prepare();
  } catch (error) {
    if (!(error instanceof RgovError)) throw error;
    return {
      reached: false,
      problem: secrets.brief(`no request can be made: ${error.message}`),
      mend: error.hint ?? 'rgov validate; the settings of the sender',
    };
  }
  const { receiver, request } = prepared;
  try {
    await connections.reach(request.url, signal);
    const how = request.url.protocol === 'https:' ? 'a TLS connection, with a certificate that is valid for it,' : 'a connection without TLS';
    return { reached: true, saw: secrets.brief(`${how} to ${receiver} can be made; nothing was asked of it`) };
  } catch (error) {
    if (error instanceof RefusedAddress)
      return { reached: false, problem: secrets.brief(error.message), mend: 'allowHosts of the sender, or another URL' };
    const why = signal.aborted ? 'it did not answer in time' : error instanceof Error ? wordsFor(error, false) : messageOf(error);
    return {
      reached: false,
      problem: secrets.brief(`${receiver} cannot be reached: ${why}`),
      mend: 'the URL of the sender; DNS, firewall and proxy of this machine; whether the receiver runs',
    };
  } finally {
    connections.close();
  }
}
