import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Place } from '../support/cli.ts';
import { type Behaviour, OK, type Receiver, refusedOrigin, startReceiver } from '../support/loopback-receiver.ts';
import { Watching } from '../support/watching.ts';

let place: Place;
let receiver: Receiver | undefined;
beforeEach(async () => {
  place = await Place.initialised();
});
afterEach(async () => {
  place.remove();
  await receiver?.close();
  receiver = undefined;
});

/** Sends what is for the operator to this address. */
function bind(origin: string, sender = '', profile = 'webhook'): void {
  place.write(
    'bindings/default.yaml',
    `apiVersion: reporting-governance/v1
kind: RuntimeBinding
metadata: { name: default }
spec:
  profile: ${profile}
  state: state
  targets:
    operator: { sender: hook }
    oncall: { sender: hook }
    manager: { sender: hook }
  senders:
    hook:
      use: webhook
      with: { url: "${origin}/hook", allowHosts: [127.0.0.1] }
${sender}`,
  );
}

async function receive(...behaviours: Behaviour[]): Promise<Receiver> {
  receiver = await startReceiver(behaviours);
  bind(receiver.origin);
  return receiver;
}

const normal = (text: string): string => place.normal(text).replace(/127\.0\.0\.1:\d+/g, '<receiver>');
const eventTypes = (): string[] => place.artifacts('events').map(({ type }) => type);

async function tested(args: string[], code: number): Promise<Record<string, unknown>> {
  const ran = await place.rgov(['send-test', ...args, '--json']);
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  return JSON.parse(ran.stdout);
}

/** The keys of a document and the types of what stands there. Lists are shown by their first item. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
  return value === null ? null : typeof value;
}

describe('what is proved', () => {
  it('by a receiver that takes it: acked, by one message that carries the note', async () => {
    const { requests } = await receive(OK);
    const ran = await place.rgov(['send-test', 'operator', '--note', 'please ring me']);
    expect(ran.code).toBe(0);
    expect(normal(place.transcript('rgov send-test operator', ran))).toMatchSnapshot();
    expect(requests).toHaveLength(1);
    expect(requests[0]?.body.toString()).toContain('please ring me');
    const [notice] = place.artifacts('queue');
    expect(notice).toMatchObject({ rule: { pack: 'rgov', id: 'send-test' }, target: 'operator', requires: 'accepted', deadline: null });
    expect(place.artifacts('receipts')).toMatchObject([{ status: 'acked', evidence: [{ level: 'accepted', reference: 'msg-1' }] }]);
  });

  it('by a file: nothing, and a human may say it', async () => {
    const ran = await place.rgov(['send-test', 'operator']);
    expect(ran.code).toBe(1);
    expect(normal(place.transcript('rgov send-test operator', ran))).toMatchSnapshot();
    const [, command = ''] = /next +(rgov ack \w+ --by)/.exec(ran.stdout) ?? [];
    expect((await place.sh(`${command} anna`)).code).toBe(0);
    expect(place.artifacts('receipts').at(-1)).toMatchObject({ status: 'acked', revision: 2 });
  });

  it('is not enough where more is required: pending, although something is proved', async () => {
    await receive(OK);
    const report = await tested(['operator', '--requires', 'acknowledged'], 1);
    expect(report).toMatchObject({
      outcome: 'pending',
      requires: 'acknowledged',
      receipt: { reason: 'evidence_insufficient' },
      proved: [{ level: 'accepted' }],
      notProved: ['relayed', 'delivered', 'seen', 'acknowledged'],
    });
  });

  it('by a receiver that refuses it: nothing; blocked, and nobody is told of that', async () => {
    const { requests } = await receive({ status: 410 });
    const ran = await place.rgov(['send-test', 'operator']);
    expect(ran.code).toBe(1);
    expect(normal(place.transcript('rgov send-test operator', ran))).toMatchSnapshot();
    await place.rgov(['reconcile']);
    expect(eventTypes()).toEqual(['notice.test']);
    expect(requests).toHaveLength(1);
  });

  it('where nobody listens: nothing yet; it is tried again, and says when', async () => {
    bind(await refusedOrigin());
    const ran = await place.rgov(['send-test', 'operator']);
    expect(ran.code).toBe(1);
    expect(normal(place.transcript('rgov send-test operator', ran))).toMatchSnapshot();
    const [deferral] = place.artifacts('handoffs').filter(({ kind }) => kind === 'Deferral');
    expect(ran.stdout).toContain(`again at ${deferral?.['retryAt']}`);
    expect(place.artifacts('receipts')).toEqual([]);
  });

  it('has the keys that it always had', async () => {
    await receive(OK);
    expect(shape(await tested(['operator'], 0))).toMatchSnapshot('acked');
    bind(await refusedOrigin());
    expect(shape(await tested(['operator'], 1))).toMatchSnapshot('not out yet');
  });
});

describe('a sender with a bridge of its own', () => {
  it('is not used by this process: the handoff is shown to whoever has to take it', async () => {
    const { requests, origin } = await receive(OK);
    bind(origin, '      bridge: process\n');
    const ran = await place.rgov(['send-test', 'operator']);
    expect(ran.code).toBe(1);
    expect(normal(place.transcript('rgov send-test operator', ran))).toMatchSnapshot();
    expect(requests).toHaveLength(0);
    const [path] = Object.keys(place.state()).filter((file) => file.startsWith('handoffs/'));
    expect(ran.stdout).toContain(`handoff: state/${path}`);
    expect(ran.stdout).toContain('rgov bridge --sender hook');
  });
});

describe('nothing is written', () => {
  it('for a target that is not there: exit code 3, with those that are', async () => {
    await receive(OK);
    const ran = await place.rgov(['send-test', 'opreator']);
    expect(place.transcript('rgov send-test opreator', ran)).toMatchSnapshot();
    expect(ran.code).toBe(3);
    for (const name of ['__proto__', 'constructor']) expect((await place.rgov(['send-test', name])).code).toBe(3);
    expect(place.state()).toEqual({});
  });

  it('where the profile only observes: exit code 2', async () => {
    const { origin, requests } = await receive(OK);
    bind(origin, '', 'observe-only');
    const ran = await place.rgov(['send-test', 'operator']);
    expect(place.transcript('rgov send-test operator', ran)).toMatchSnapshot();
    expect(ran.code).toBe(2);
    expect(place.state()).toEqual({});
    expect(requests).toHaveLength(0);
  });

  it('for a proof that is none: exit code 2', async () => {
    const ran = await place.rgov(['send-test', 'operator', '--requires', 'none']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('accepted, relayed, delivered, seen, acknowledged');
    expect(place.state()).toEqual({});
  });
});

it('what is not a test goes out in the same pass, and does not stand in the answer', async () => {
  const { requests } = await receive(OK);
  await place.rgov(['run', '-s', 'job/x', '--', 'false']);
  const report = await tested(['oncall'], 0);
  expect(requests).toHaveLength(2);
  expect(report).toMatchObject({ target: 'oncall', attempts: [{ number: 1, target: 'oncall' }] });
  expect((report['files'] as string[]).every((path) => path.includes('test_target.oncall') || path.includes('send-test_oncall'))).toBe(true);
});

it('two tests are two messages, whatever the rules deduplicate', async () => {
  const { requests } = await receive(OK);
  await tested(['operator'], 0);
  await tested(['operator'], 0);
  expect(requests).toHaveLength(2);
});

it('is nobody outside to ask for', async () => {
  const { requests } = await receive(OK);
  const input = JSON.stringify({
    specversion: '1.0',
    id: '1',
    source: 'rgov/send-test',
    type: 'notice.test',
    subject: 'target/operator',
    data: { target: 'operator' },
  });
  const ran = await place.rgov(['ingest', 'cloudevents'], { input });
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain('that of rgov send-test alone');
  await place.rgov(['reconcile']);
  expect(place.state()).toEqual({});
  expect(requests).toHaveLength(0);
});

it('leaves no word of any subject behind', async () => {
  await receive(OK);
  await tested(['operator'], 0);
  expect(Object.keys(place.state()).filter((path) => path.startsWith('subjects/'))).toEqual([]);
});

it('follows what another process has taken up, until there is an outcome', async () => {
  place.write(
    'bindings/default.yaml',
    `apiVersion: reporting-governance/v1
kind: RuntimeBinding
metadata: { name: default }
spec:
  profile: webhook
  state: state
  targets:
    operator: { sender: slow }
  senders:
    slow:
      use: command
      with: { argv: [sh, -c, 'sleep 2; echo ''{"evidence":"accepted","reference":"ref-1"}''' ] }
`,
  );
  // It wakes at once, and claims the attempt before the other process has loaded what a pass needs.
  const watching = await Watching.ready(place.ws(), [], place.env);
  try {
    expect(await tested(['operator'], 0)).toMatchObject({ outcome: 'acked', attempts: [{ number: 1 }], proved: [{ reference: 'ref-1' }] });
  } finally {
    watching.child.kill('SIGTERM');
    await watching.ended;
  }
});
