import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Place } from '../support/cli.ts';
import { startDroppingProxy } from '../support/dropping-proxy.ts';
import { until } from '../support/loopback-attempt.ts';
import { type ScriptedServer, startScriptedServer } from '../support/senders/scripted-smtp.ts';
import { LOCAL_DOMAIN, type Postfix, REPORTS_TO, startPostfix, whyNoPostfix } from './postfix.ts';

const why = whyNoPostfix();
if (why !== null) console.warn(`test/smtp is skipped: ${why}`);

const PATIENCE_MS = 45_000;
const PROFILE = `apiVersion: reporting-governance/v1
kind: Profile
metadata: { name: proved-delivery }
spec:
  posture: notify
  policy: [unattended-work]
  requires: delivered
  binding: { targets: [operator] }
`;

describe.skipIf(why !== null)('from a failure to a mailbox and back', () => {
  let postfix: Postfix;
  let next: ScriptedServer;
  let place: Place;

  beforeAll(async () => {
    next = await startScriptedServer({}, []);
    postfix = await startPostfix(next.port);
  });
  afterAll(async () => {
    await postfix?.stop();
    await next?.close();
  });
  afterEach(() => place?.remove());

  /** A workspace whose operator is a mailbox of that server, with one notice mailed. */
  async function mailed(user: string, port = postfix.ports.plain): Promise<{ notice: string }> {
    place = await Place.initialised();
    place.write('profiles/proved-delivery.yaml', PROFILE);
    place.write(
      'bindings/default.yaml',
      `apiVersion: reporting-governance/v1
kind: RuntimeBinding
metadata: { name: default }
spec:
  profile: proved-delivery
  state: state
  targets: { operator: { sender: mail, address: ${user}@${LOCAL_DOMAIN} } }
  senders: { mail: { use: smtp, with: { host: 127.0.0.1, port: ${port}, tls: none, from: ${REPORTS_TO} } } }
`,
    );
    expect(await place.rgov(['validate'])).toMatchObject({ code: 0 });
    expect(await place.rgov(['report', 'failed', '--subject', 'job/nightly-backup', '--summary', 'disk full'])).toMatchObject({ code: 0 });
    await place.rgov(['reconcile']);
    return { notice: place.artifacts('queue')[0]?.['id'] };
  }

  const receipts = (notice: string): string[] =>
    Object.keys(place.state()).flatMap((path) =>
      path.startsWith('receipts/') && path.includes(`/${notice}.`) ? [path.slice(path.indexOf(notice) + notice.length + 1, -5)] : [],
    );
  const receipt = (notice: string, revision: number): unknown =>
    place.artifacts('receipts').find((document) => document['notice'].path.includes(notice) && document['revision'] === revision);

  /** The report on a notice, as the pipe of a mail server hands it over. */
  async function report(notice: string): Promise<string> {
    const about = (): string[] =>
      postfix
        .mailbox('reports')
        .map(String)
        .filter((mail) => mail.includes(notice));
    await until(() => about().length > 0, `a report on ${notice}: ${postfix.log()}`, PATIENCE_MS);
    return about()[0] as string;
  }

  it('a report of delivery proves what the server alone cannot', async () => {
    const { notice } = await mailed('operator');
    expect(receipts(notice)).toEqual(['1.pending_external_send']);
    expect(receipt(notice, 1)).toMatchObject({ evidence: [{ level: 'accepted' }] });

    const ingested = await place.rgov(['ingest', 'dsn', '-'], { input: await report(notice) });
    expect(ingested).toMatchObject({ code: 0, stderr: '' });
    expect(receipts(notice)).toEqual(['1.pending_external_send', '2.acked']);
    expect(receipt(notice, 2)).toMatchObject({
      evidence: expect.arrayContaining([expect.objectContaining({ level: 'delivered', by: 'report:dsn:mail.example.org' })]),
    });
    // The same report again is no news.
    expect(await place.rgov(['ingest', 'dsn'], { input: await report(notice) })).toMatchObject({ code: 0 });
    expect(receipts(notice)).toHaveLength(2);
  });

  it('a bounce blocks, and says why', async () => {
    const { notice } = await mailed('vanished');
    expect(receipts(notice)).toEqual(['1.pending_external_send']);
    expect(await place.rgov(['ingest', 'dsn', '-'], { input: await report(notice) })).toMatchObject({ code: 0 });
    expect(receipts(notice)).toEqual(['1.pending_external_send', '2.blocked']);
    expect(receipt(notice, 2)).toMatchObject({ reason: 'bounced', detail: expect.stringContaining('undeliverable: 5.1.1, user unknown') });
    await place.rgov(['reconcile']);
    expect(Object.keys(place.state()).filter((path) => path.startsWith('events/') && path.includes('_notice.bounced_'))).toHaveLength(1);
  });

  it('a mail that is only passed on stays pending, whatever is reported', async () => {
    const { notice } = await mailed('relayed');
    expect(await place.rgov(['ingest', 'dsn', '-'], { input: await report(notice) })).toMatchObject({ code: 0 });
    expect(receipts(notice)).toEqual(['1.pending_external_send', '2.pending_external_send']);
    expect(receipt(notice, 2)).toMatchObject({ evidence: expect.arrayContaining([expect.objectContaining({ level: 'relayed' })]) });
  });

  it('a report ends the doubt about an answer that was lost', async () => {
    const proxy = await startDroppingProxy(postfix.ports.plain, 'after the dot');
    try {
      const { notice } = await mailed('operator', proxy.port);
      expect(receipts(notice)).toEqual(['1.blocked']);
      expect(receipt(notice, 1)).toMatchObject({ reason: 'indeterminate' });
      expect(await place.rgov(['ingest', 'dsn', '-'], { input: await report(notice) })).toMatchObject({ code: 0 });
      expect(receipts(notice)).toEqual(['1.blocked', '2.acked']);
    } finally {
      await proxy.close();
    }
  });
});
