import { RgovError } from '../../model/errors.ts';
import type { Outcome } from '../../model/outcome.ts';
import { isSecretRef } from '../../model/secret.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import type { CreateSender } from '../sender.ts';
import { outcomeOf } from './answer.ts';
import { Connections } from './connections.ts';
import { post } from './post.ts';
import { type PostRequest, requestFor, type WebhookSettings } from './request.ts';

/** A POST to an HTTP receiver. `webhook-id` is the same for every attempt of a notice; a receiver can ignore what it already has. */
export const create: CreateSender = (config, context) => {
  const settings = config as WebhookSettings;
  const connections = new Connections();
  return {
    async attempt(attempt, signal): Promise<Outcome> {
      const secrets = new AttemptSecrets(context.resolveSecret);
      let request: PostRequest;
      try {
        request = requestFor(settings, attempt, secrets);
      } catch (error) {
        if (!(error instanceof RgovError)) throw error;
        return { kind: 'retryable', reason: secrets.brief(`nothing was sent: ${error.message}`) };
      }
      const receiver = isSecretRef(settings.url) ? 'the receiver' : request.url.host;
      const posted = await post(request, connections, signal);
      switch (posted.kind) {
        case 'answered':
          return outcomeOf(posted, attempt.now_ms, secrets);
        case 'unsent':
          return { kind: 'retryable', reason: secrets.brief(`nothing was sent to ${receiver}: ${posted.why}`) };
        case 'lost':
          return { kind: 'ambiguous', reason: secrets.brief(`${receiver} may have it: ${posted.why}`) };
      }
    },
    close() {
      connections.close();
    },
  };
};
