import type { TestContext } from '../loopback-attempt.ts';
import type { Scene, SenderHarness } from './harness.ts';
import { type Step, startScriptedServer } from './scripted-smtp.ts';

const USER = 'rgov@example.org';

/** A mail server that wants a password, with the canary as that password. */
async function server(context: TestContext, turns: Partial<Record<Step, string>>, canary = 'not-a-secret'): Promise<Scene> {
  const scripted = await startScriptedServer(turns, ['PIPELINING', 'DSN', 'AUTH PLAIN LOGIN']);
  context.secrets['PASSWORD'] = canary;
  return {
    config: {
      host: '127.0.0.1',
      port: scripted.port,
      tls: 'none',
      from: 'Night watch <rgov@example.org>',
      user: USER,
      password: { env: 'PASSWORD' },
    },
    address: 'operator@example.net',
    delivered: () => scripted.mails.map(({ text }) => /^Message-ID:\s*<([^@>]+)@example\.org>/m.exec(text)?.[1] ?? 'no Message-ID'),
    close: scripted.close,
  };
}

/** The password as it is, and as it went over the line. */
const echo = (canary: string): string =>
  `not with ${canary}, ${Buffer.from(canary).toString('base64')} or ${Buffer.from(`\0${USER}\0${canary}`).toString('base64')}`;

export const smtp: SenderHarness = {
  succeeds: (context, canary) => server(context, {}, canary),
  hangs: (context) => server(context, { message: 'hang' }),
  refuses: (context, canary) => server(context, { AUTH: `535 5.7.8 ${echo(canary)}` }, canary),
  failsForNow: (context, canary) => server(context, { RCPT: `451 4.7.1 ${echo(canary)}` }, canary),
  echoesSecrets: (context, canary) => server(context, { message: `250 2.0.0 Ok: queued as ${canary} ${echo(canary)}` }, canary),
};
