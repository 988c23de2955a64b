import { isSecretRef } from '../../model/secret.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import { Connections } from '../http-client/connections.ts';
import { guardFor } from '../http-client/guard.ts';
import { reach } from '../http-client/reach.ts';
import { attemptToProbe } from '../probe-attempt.ts';
import type { Probe } from '../sender.ts';
import { requestFor, type WebhookSettings } from './request.ts';

/** A connection to where the notice would be posted. */
export const probe: Probe = ({ config, context, address, signal }) => {
  const settings = config as WebhookSettings;
  const secrets = new AttemptSecrets(context.resolveSecret);
  const connections = new Connections({ guard: guardFor(settings.allowHosts), network: context.network });
  const prepare = () => {
    const request = requestFor(settings, attemptToProbe(address), secrets);
    return { request, receiver: isSecretRef(settings.url) ? 'the receiver' : request.url.host };
  };
  return reach(prepare, { connections, secrets, signal });
};
