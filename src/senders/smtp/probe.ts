import type { Socket } from 'node:net';
import { RgovError } from '../../model/errors.ts';
import { AttemptSecrets } from '../attempt-secrets.ts';
import type { Probe } from '../sender.ts';
import { greet } from './session.ts';
import { type Server, type SmtpSettings, serverFor } from './settings.ts';

/** A session as far as a mail would begin: EHLO, STARTTLS and AUTH as they are set up, then QUIT. Whether the server would take the mail is not known. */
export const probe: Probe = async ({ config, context, signal }) => {
  const secrets = new AttemptSecrets(context.resolveSecret);
  let server: Server;
  try {
    server = serverFor(config as unknown as SmtpSettings, context.workspace, secrets);
  } catch (error) {
    if (!(error instanceof RgovError)) throw error;
    return {
      reached: false,
      problem: secrets.brief(`no session can begin: ${error.message}`),
      mend: error.hint ?? 'the settings of the sender: docs/mail.md',
    };
  }
  const place = `${server.host}:${server.port}`;
  const open = new Set<Socket>();
  const ended = await greet(server, signal, open);
  switch (ended.kind) {
    case 'greeted': {
      const how = ended.secure ? 'with TLS' : 'without TLS';
      const login = server.login ? `, and took the login of ${server.login.user}` : '; no login is set up';
      return { reached: true, saw: secrets.brief(`the mail server ${place} answered ${how}${login}; no mail was begun`) };
    }
    case 'refused':
      return {
        reached: false,
        problem: secrets.brief(`the mail server ${place} refused the session: ${ended.answer}`),
        mend: 'user and password of the sender, and what the server lets this machine do',
      };
    case 'broken':
      return {
        reached: false,
        problem: secrets.brief(`no session with the mail server ${place}: ${ended.why}`),
        mend: 'host, port and tls of the sender: docs/mail.md',
      };
    case 'accepted':
      throw new Error('a mail was accepted that was never sent');
  }
};
