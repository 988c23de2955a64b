import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from './loopback-attempt.ts';
import { type Behaviour, OK, startReceiver } from './loopback-receiver.ts';
import { apprise } from './senders/apprise.ts';
import { external } from './senders/external.ts';
import type { Scene, SenderHarness } from './senders/harness.ts';
import { http } from './senders/http.ts';
import { openclaw } from './senders/openclaw.ts';
import { smtp } from './senders/smtp.ts';

export type { Scene, SenderHarness } from './senders/harness.ts';

const nothingToClose = async (): Promise<void> => {};

const file: SenderHarness = {
  async succeeds(context) {
    const folder = join(context.workspace, 'notices');
    return {
      config: { directory: './notices' },
      // Each file is named after the notice, and that is its key.
      delivered: () => (existsSync(folder) ? readdirSync(folder).map((name) => name.replace(/\.txt$/, '')) : []),
      close: nothingToClose,
    };
  },
  hangs: null,
  refuses: null,
  async failsForNow(context) {
    writeFileSync(join(context.workspace, 'in-the-way'), '');
    return { config: { directory: 'in-the-way/notices' }, delivered: () => [], close: nothingToClose };
  },
  echoesSecrets: null,
};

/** A Node program that notes its key, and then does what `ending` says. */
async function program(context: TestContext, ending: string, canary = ''): Promise<Scene> {
  const log = join(context.workspace, 'delivered.log');
  const script = join(context.workspace, 'program.mjs');
  writeFileSync(
    script,
    `import { appendFileSync, readFileSync } from 'node:fs';
const given = JSON.parse(readFileSync(0, 'utf8'));
const note = () => appendFileSync(${JSON.stringify(log)}, given.idempotencyKey + '\\n');
${ending}
`,
  );
  context.secrets['TOKEN'] = canary;
  return {
    config: { argv: [process.execPath, script], ...(canary === '' ? {} : { env: { TOKEN: { env: 'TOKEN' } } }) },
    delivered: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
    close: nothingToClose,
  };
}

const command: SenderHarness = {
  succeeds: (context, canary) => program(context, `note(); console.log(JSON.stringify({ evidence: 'accepted', reference: 'ref-1' }));`, canary),
  hangs: (context) => program(context, `note(); setInterval(() => {}, 1000);`),
  refuses: (context, canary) => program(context, `console.error('no such person, token ' + process.env.TOKEN); process.exitCode = 1;`, canary),
  failsForNow: (context, canary) => program(context, `console.error('busy, token ' + process.env.TOKEN); process.exitCode = 75;`, canary),
  echoesSecrets: (context, canary) =>
    program(
      context,
      `note(); const t = process.env.TOKEN; console.log(JSON.stringify({ evidence: 'accepted', reference: 'id/' + t, detail: 'as ' + t }));`,
      canary,
    ),
};

async function receiver(context: TestContext, behaviours: Behaviour[], canary = 'not-a-secret'): Promise<Scene> {
  const server = await startReceiver(behaviours);
  // The canary is the credential in the path, in a header, and (as base64) in the signing secret.
  Object.assign(context.secrets, {
    URL: `${server.origin}/hooks/${canary}?key=${canary}`,
    AUTHORIZATION: `Bearer ${canary}`,
    SIGNING: `whsec_${Buffer.from(canary).toString('base64')}`,
  });
  return {
    config: { url: { env: 'URL' }, headers: { Authorization: { env: 'AUTHORIZATION' } }, secret: { env: 'SIGNING' }, allowHosts: ['127.0.0.1'] },
    delivered: () => server.requests.map((request) => request.headers['webhook-id'] ?? ''),
    close: server.close,
  };
}

const echo = (canary: string): string =>
  `Cannot POST /hooks/${canary}?key=${canary} with Bearer ${canary}, invalid token ${canary}, key ${Buffer.from(canary).toString('base64')}`;

const webhook: SenderHarness = {
  succeeds: (context, canary) => receiver(context, [OK], canary),
  hangs: (context) => receiver(context, ['hang after reading']),
  refuses: (context, canary) => receiver(context, [{ status: 404, body: echo(canary) }], canary),
  failsForNow: (context, canary) => receiver(context, [{ status: 503, body: echo(canary) }], canary),
  echoesSecrets: (context, canary) => receiver(context, [{ status: 200, body: JSON.stringify({ id: echo(canary) }) }], canary),
};

/** By kind. A kind without an entry fails the contract suite. */
export const SENDER_HARNESSES: Record<string, SenderHarness> = { file, command, webhook, smtp, apprise, openclaw, external, http };
