import type { Socket } from 'node:net';
import { RgovError } from '../../model/errors.ts';
import type { Outcome } from '../../model/outcome.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import type { CreateSender } from '../sender.ts';
import { type Mail, mailFor } from './mail.ts';
import { deliver } from './session.ts';
import { type Server, type SmtpSettings, serverFor } from './settings.ts';
import { verdict } from './verdict.ts';

/** A mail to the target's address, one session each. A 250 proves that the server has it, and no more. */
export const create: CreateSender = (config, context) => {
  const settings = config as unknown as SmtpSettings;
  const open = new Set<Socket>();
  return {
    async attempt(attempt, signal): Promise<Outcome> {
      const secrets = new AttemptSecrets(context.resolveSecret);
      let mail: Mail;
      let server: Server;
      try {
        server = serverFor(settings, context.workspace, secrets);
        mail = await mailFor(attempt, settings.from);
      } catch (error) {
        if (!(error instanceof RgovError)) throw error;
        return { kind: 'retryable', reason: secrets.brief(`nothing was sent: ${error.message}`) };
      }
      return verdict(await deliver(mail, server, signal, open), server.host, secrets);
    },
    close() {
      for (const socket of open) socket.destroy();
    },
  };
};
