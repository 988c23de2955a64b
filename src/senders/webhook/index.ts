import { isSecretRef } from '../../model/secret.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import { Connections } from '../http-client/connections.ts';
import { guardFor } from '../http-client/guard.ts';
import { tryOnce } from '../http-client/try-once.ts';
import type { CreateSender } from '../sender.ts';
import { outcomeOf } from './answer.ts';
import { requestFor, type WebhookSettings } from './request.ts';

/** A POST to an HTTP receiver. `webhook-id` is the same for every attempt of a notice; a receiver can ignore what it already has. */
export const create: CreateSender = (config, context) => {
  const settings = config as WebhookSettings;
  const connections = new Connections({ guard: guardFor(settings.allowHosts), network: context.network });
  return {
    attempt(attempt, signal) {
      const secrets = new AttemptSecrets(context.resolveSecret);
      const prepare = () => {
        const request = requestFor(settings, attempt, secrets);
        return { request, receiver: isSecretRef(settings.url) ? 'the receiver' : request.url.host };
      };
      return tryOnce(prepare, (answer) => outcomeOf(answer, attempt.now_ms, secrets), { connections, secrets, signal });
    },
    close() {
      connections.close();
    },
  };
};
