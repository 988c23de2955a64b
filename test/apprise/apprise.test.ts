import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Attempt, Outcome } from '../../src/model/outcome.ts';
import { create } from '../../src/senders/apprise/index.ts';
import { attemptFor, canary, NOTICE, type TestContext, testContext, until } from '../support/loopback-attempt.ts';
import { type Behaviour, type Receiver, refusedOrigin, startReceiver } from '../support/loopback-receiver.ts';
import { whyNoPackage } from '../support/senders/debian-package.ts';

const missing = whyNoPackage('apprise');
if (missing !== null) process.stderr.write(`skipped: the real apprise: ${missing}\n`);

/** Longer than a slow machine takes to start Python; apprise itself gives a receiver 4 s. */
const PATIENCE_MS = 30_000;

describe.skipIf(missing !== null)('the real apprise', () => {
  let context: TestContext;
  let secret: string;
  const receivers: Receiver[] = [];
  beforeEach(() => {
    context = testContext();
    secret = canary();
  });
  afterEach(async () => {
    for (const receiver of receivers.splice(0)) await receiver.close();
    context.remove();
  });

  async function receiver(...behaviours: Behaviour[]): Promise<Receiver> {
    const started = await startReceiver(behaviours);
    receivers.push(started);
    return started;
  }
  /** `json://` posts JSON (https://github.com/caronc/apprise/wiki/Notify_Custom_JSON). */
  const urlOf = (origin: string, path = secret, query = ''): string =>
    `${origin.replace('http://', 'json://')}/${path}/${query === '' ? '' : `?${query}`}`;
  const SAID_YES: Behaviour = { status: 200, body: '' };
  const unsigned = () => new AbortController().signal;

  async function send(urls: string[], changes: Partial<Attempt> = {}, signal: AbortSignal = unsigned(), settings = {}): Promise<Outcome> {
    const names = urls.map((url, index) => {
      context.secrets[`URL${index}`] = url;
      return { env: `URL${index}` };
    });
    const outcome = await create(urls.length === 0 ? settings : { urls: names, ...settings }, context).attempt(attemptFor(changes), signal);
    expect(JSON.stringify(outcome)).not.toContain(secret);
    return outcome;
  }
  const bodyOf = (receiver: Receiver, index = 0): { title: string; message: string; type: string } =>
    JSON.parse(receiver.requests[index]?.body.toString('utf8') ?? '{}') as { title: string; message: string; type: string };

  it('proves that the service said yes, and sends the message whole', async () => {
    const server = await receiver(SAID_YES);
    expect(await send([urlOf(server.origin)])).toEqual({
      kind: 'proved',
      level: 'accepted',
      reference: 'apprise exit 0',
      detail: 'every service said yes; apprise gives no id',
    });
    expect(server.requests.map(({ path }) => path)).toEqual([`/${secret}/`]);
    expect(bodyOf(server)).toMatchObject({ title: NOTICE.title, message: `${NOTICE.text}\n\n[rg:${NOTICE.id}]`, type: 'failure' });
  });

  it('takes any text as it is', async () => {
    const server = await receiver(SAID_YES);
    const notice = {
      ...NOTICE,
      severity: 'warning' as const,
      title: '--help -b "x" %0a \\n \u4f60\u597d',
      text: '\\n <b>e\u0301</b> \u{1f4a9}\n$(id) %s\n',
    };
    const acknowledgeUrl = `https://rgov.example/ack/${secret}`;
    expect(await send([urlOf(server.origin)], { notice, acknowledgeUrl })).toMatchObject({ kind: 'proved' });
    const message = `${notice.text.trimEnd()}\n\nAcknowledge: ${acknowledgeUrl}\n\n[rg:${NOTICE.id}]`;
    expect(bodyOf(server)).toMatchObject({ title: notice.title, message, type: 'warning' });
  });

  it.each<[string, Behaviour]>([
    ['no such path', { status: 404, body: 'no' }],
    ['a fault of the server', { status: 500, body: 'oops' }],
    ['a connection that breaks after the message', 'reset after body'],
  ])('cannot tell what went out after %s', async (_, behaviour) => {
    const server = await receiver(behaviour);
    expect(await send([urlOf(server.origin)])).toMatchObject({
      kind: 'ambiguous',
      reason: expect.stringContaining('whether the message went out: '),
    });
    expect(server.requests).toHaveLength(1);
  });

  it('cannot even tell after a refused connection: the exit status is the same', async () => {
    expect(await send([urlOf(await refusedOrigin())])).toMatchObject({ kind: 'ambiguous' });
  });

  it(
    'cannot tell after a hang: apprise gives up by itself',
    async () => {
      const server = await receiver('hang after reading');
      expect(await send([urlOf(server.origin, secret, 'rto=1')])).toMatchObject({
        kind: 'ambiguous',
        reason: expect.stringContaining('a service failed'),
      });
      expect(server.requests).toHaveLength(1);
    },
    PATIENCE_MS,
  );

  it('cannot tell which of several services has it', async () => {
    const [good, bad] = [await receiver(SAID_YES), await receiver({ status: 500 })];
    expect(await send([urlOf(good.origin), urlOf(bad.origin)])).toMatchObject({ kind: 'ambiguous' });
    expect([good.requests.length, bad.requests.length]).toEqual([1, 1]);
  });

  it('claims no proof where apprise left a service out and said yes all the same', async () => {
    const server = await receiver(SAID_YES);
    const outcome = await send([urlOf(server.origin), `nosuch://${secret}/x`]);
    expect(outcome).toMatchObject({
      kind: 'custody',
      who: 'apprise',
      detail: expect.stringContaining('not every service may have it: Un'),
    });
    expect(server.requests).toHaveLength(1);
  });

  it('knows that nothing was sent where no service could be loaded, or none has the tag', async () => {
    expect(await send([`nosuch://${secret}/x`])).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('no service could be loaded') });
    writeFileSync(join(context.workspace, 'services.conf'), `ops=${urlOf(await refusedOrigin())}\n`);
    expect(await send([], {}, unsigned(), { config: 'services.conf', tag: 'others' })).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('bears the tag'),
    });
  });

  it('knows that nothing was sent where the program, a URL or the configuration is missing', async () => {
    const missing = async (settings: object, urls = [urlOf('http://127.0.0.1:9')]): Promise<Outcome> => send(urls, {}, unsigned(), settings);
    expect(await missing({ program: './not-there' })).toEqual({
      kind: 'retryable',
      reason: 'nothing was sent: ./not-there could not be started (ENOENT)',
    });
    expect(await missing({ config: 'gone.conf' }, [])).toMatchObject({ kind: 'retryable', reason: expect.stringContaining('ENOENT') });
    expect(await missing({}, [])).toMatchObject({ kind: 'retryable', reason: expect.stringContaining('names a service') });
    for (const url of ['', secret, `json://h/${secret} json://h/2`, `json://h/${secret},json://h/2`])
      expect(await missing({}, [url])).toMatchObject({ kind: 'retryable', reason: expect.stringContaining('URL 1 is not one Apprise URL') });
  });

  it('notifies those of its own configuration that have the tag, and keeps what stands there to itself', async () => {
    const [ops, others] = [await receiver(SAID_YES, { status: 500 }), await receiver(SAID_YES)];
    writeFileSync(
      join(context.workspace, 'services.conf'),
      `ops=${urlOf(ops.origin)}\nothers=${urlOf(others.origin)}\nops=nosuch://${secret}/${secret}\n`,
    );
    // The line that cannot be loaded costs the proof.
    expect(await send([], { address: 'ops' }, unsigned(), { config: 'services.conf' })).toMatchObject({ kind: 'custody' });
    expect(await send([], {}, unsigned(), { config: 'services.conf', tag: 'ops' })).toMatchObject({ kind: 'ambiguous' });
    expect([ops.requests.length, others.requests.length]).toEqual([2, 0]);
  });

  it(
    'ends when its time is over; until then nobody sees a secret among the arguments of a process',
    async () => {
      const server = await receiver('hang after reading');
      const limit = new AbortController();
      const link = `https://rgov.example/ack/${secret}`;
      const running = send([urlOf(server.origin, secret, 'rto=600&cto=600')], { acknowledgeUrl: link }, limit.signal);
      await until(() => server.requests.length > 0, 'the message arrives', PATIENCE_MS);
      const lines = commandLines();
      limit.abort();
      const ours = lines.filter((line) => line.includes('apprise') && line.includes(NOTICE.title));
      expect(ours).toHaveLength(1);
      expect(lines.filter((line) => line.includes(secret))).toEqual([]);
      expect(await running).toEqual({ kind: 'ambiguous', reason: 'apprise was cut off by the time limit; nobody knows what it had sent' });
      await until(() => !commandLines().some((line) => line.includes('apprise') && line.includes(NOTICE.title)), 'it is gone');
    },
    PATIENCE_MS * 2,
  );
});

/** What `ps` shows of every process. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        // It ended in between.
        return '';
      }
    });
}
