import type { LookupAddress } from 'node:dns';
import type { LookupFunction, Socket, TcpNetConnectOpts } from 'node:net';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { OK, type Receiver, startReceiver } from '../../../test/support/loopback-receiver.ts';
import { closedAddress, plainAddress } from './addresses.ts';
import { Connections, type Network } from './connections.ts';
import { guardFor, kindOf, RefusedAddress } from './guard.ts';
import { type Posted, post } from './post.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** Fails the test if anybody is connected to. */
const mustNotConnect = (options: TcpNetConnectOpts): Socket => {
  throw new Error(`connected to ${options.host}`);
};

async function ask(url: string, network: Network, allowHosts: string[] = []): Promise<Posted> {
  const connections = new Connections({ guard: guardFor(allowHosts), network });
  opened.push(() => connections.close());
  return post({ url: new URL(url), headers: { 'content-length': 2 }, body: Buffer.from('{}') }, connections, new AbortController().signal);
}

async function receive(): Promise<Receiver & { port: string }> {
  const receiver = await startReceiver([OK]);
  opened.push(receiver.close);
  return Object.assign(receiver, { port: new URL(receiver.origin).port });
}

/** What a name server says, one answer after the other. */
function names(...answers: LookupAddress[][]): LookupFunction {
  let asked = 0;
  return (_name, _options, callback) => callback(null, answers[Math.min(asked++, answers.length - 1)] ?? []);
}

const CLOSED = [
  ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
  ...['169.254.169.254', '169.254.0.1', '100.64.0.1', '100.127.255.255', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
  ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '192.88.99.1'],
  ...['::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:10.0.0.1', '::127.0.0.1', '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe'],
  ...['64:ff9b:1::1', '2002:7f00:1::', '2002:a00:1::1', '2002:a9fe:a9fe::', 'fe80::1', 'fec0::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1'],
  ...['2001::1', '2001:db8::1', '100::1', '3fff::1', '5f00::1', '4000::1', '1::1'],
];
const OPEN = [
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.1',
  '172.15.255.255',
  '172.32.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '169.253.255.255',
  '223.255.255.255',
];
const OPEN_IPV6 = ['2606:4700:4700::1111', '2a00:1450:4001:80b::200e', '64:ff9b::101:101', '2002:101:101::1', '::ffff:1.1.1.1'];

it.each(CLOSED)('%s is no address that a message goes to unasked', (address) => {
  expect(closedAddress(address)).toEqual(expect.any(String));
  expect(() => guardFor().check(address, address)).toThrow(RefusedAddress);
});

it.each([...OPEN, ...OPEN_IPV6])('%s is one of the Internet', (address) => {
  expect(closedAddress(address)).toBeNull();
});

it('sees through every form in which an IPv4 address can be written', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
      const plain = octets.join('.');
      const [a, b, c, d] = octets;
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      expect(plainAddress(`::ffff:${plain}`)).toBe(plain);
      expect(plainAddress(`[::ffff:${hex}]`)).toBe(plain);
      const isClosed = closedAddress(plain) !== null;
      for (const form of [`::ffff:${hex}`, `64:ff9b::${hex}`, `2002:${hex}::1`]) expect(closedAddress(form) !== null, form).toBe(isClosed);
    }),
  );
});

describe('what a binding allows', () => {
  const allows = (allowHosts: string[], host: string, address: string): boolean => {
    try {
      guardFor(allowHosts).check(host, address);
      return true;
    } catch {
      return false;
    }
  };

  it.each<[string[], string, string, boolean]>([
    [['127.0.0.1'], '127.0.0.1', '127.0.0.1', true],
    [['127.0.0.1'], 'localhost', '127.0.0.1', true],
    [['127.0.0.1'], 'localhost', '::1', false],
    [['127.0.0.1'], '[::ffff:7f00:1]', '::ffff:127.0.0.1', true],
    [['127.0.0.1'], '127.0.0.2', '127.0.0.2', false],
    [['10.1.0.0/16'], 'hooks.internal', '10.1.2.3', true],
    [['10.1.0.0/16'], 'hooks.internal', '10.2.2.3', false],
    [['fd00::/8'], 'hooks.internal', 'fd12::1', true],
    [['hooks.internal'], 'hooks.internal', '10.9.9.9', true],
    [['Hooks.Internal.'], 'hooks.internal', '10.9.9.9', true],
    [['hooks.internal'], 'other.hooks.internal', '10.9.9.9', false],
    [['hooks.internal'], 'hooks.internal.example.com', '10.9.9.9', false],
    [['b\u00fccher.internal'], 'xn--bcher-kva.internal', '10.9.9.9', true],
    [['not a host', '10.0.0.0/99', '*'], '10.0.0.1', '10.0.0.1', false],
  ])('%j lets %s at %s through: %s', (allowHosts, host, address, expected) => {
    expect(allows(allowHosts, host, address)).toBe(expected);
  });

  it.each<[string, ReturnType<typeof kindOf>]>([
    ['127.0.0.1', 'address'],
    ['[::1]', 'address'],
    ['::1', 'address'],
    ['10.0.0.0/8', 'range'],
    ['fd00::/8', 'range'],
    ['localhost', 'name'],
    ['a_b.internal', 'name'],
    ['10.0.0.0/33', null],
    ['10.0.0.0/8/8', null],
    ['http://localhost', null],
    ['localhost:8080', null],
    ['*.internal', null],
    ['', null],
  ])('%s is of kind %s', (entry, expected) => {
    expect(kindOf(entry)).toBe(expected);
  });
});

describe('nothing is connected to', () => {
  it.each([
    ...[
      'http://127.0.0.1/',
      'https://127.0.0.1/',
      'http://[::1]/',
      'http://[::ffff:127.0.0.1]/',
      'http://169.254.169.254/latest/',
      'http://10.0.0.1/',
    ],
    // Forms that the URL parser understands as 127.0.0.1.
    ...['http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://127.1/', 'http://\uff11\uff12\uff17.0.0.1/'],
  ])('at %s', async (url) => {
    const posted = await ask(url, { connect: mustNotConnect });
    expect(posted).toMatchObject({ kind: 'refused', why: expect.stringContaining('allowHosts: ["') });
  });

  it('says what to allow', async () => {
    const network: Network = { lookup: names([{ address: '10.1.2.3', family: 4 }]), connect };
    expect(await ask('http://Hooks.Internal/x', network)).toEqual({
      kind: 'refused',
      why: 'hooks.internal is at 10.1.2.3, a private address; if that is meant, name this host for the sender or source: allowHosts: ["hooks.internal"]',
    });
  });
});

describe('a name is as good as the address behind it', () => {
  it('when all its addresses are closed', async () => {
    const receiver = await receive();
    for (const scheme of ['http', 'https']) {
      const lookup = names([
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ]);
      expect(await ask(`${scheme}://rebound.example:${receiver.port}/`, { lookup })).toMatchObject({ kind: 'refused' });
    }
    expect(receiver.connections).toBe(0);
  });

  it('when only some are: those are not tried', async () => {
    const receiver = await receive();
    const lookup = names([
      { address: '10.255.255.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]);
    expect(await ask(`http://mixed.example:${receiver.port}/`, { lookup }, ['127.0.0.1'])).toMatchObject({ kind: 'answered', status: 200 });
  });

  it('when a lookup answers with one address alone, as old ones do', async () => {
    const receiver = await receive();
    const lookup: LookupFunction = (_name, _options, callback) => callback(null, '127.0.0.1', 4);
    expect(await ask(`http://one.example:${receiver.port}/`, { lookup })).toMatchObject({ kind: 'refused' });
    expect(await ask(`http://one.example:${receiver.port}/`, { lookup }, ['one.example'])).toMatchObject({ kind: 'answered' });
  });

  it('when the name changes its address between two requests', async () => {
    const receiver = await receive();
    const lookup = names([{ address: '127.0.0.1', family: 4 }], [{ address: '127.0.0.2', family: 4 }]);
    const network = { lookup };
    expect(await ask(`http://moving.example:${receiver.port}/`, network, ['127.0.0.1'])).toMatchObject({ kind: 'answered' });
    expect(await ask(`http://moving.example:${receiver.port}/`, network, ['127.0.0.1'])).toMatchObject({ kind: 'refused' });
  });

  it('even where the connection goes elsewhere than the lookup said: not a byte is written', async () => {
    const receiver = await receive();
    const bytes: number[] = [];
    const network: Network = {
      lookup: names([{ address: '1.1.1.1', family: 4 }]),
      // What a rebound resolver, a proxy or a redirecting firewall could do.
      connect: () => {
        const socket = connect({ host: '127.0.0.1', port: Number(receiver.port) });
        socket.on('close', () => bytes.push(socket.bytesWritten));
        return socket;
      },
    };
    for (const scheme of ['http', 'https']) {
      expect(await ask(`${scheme}://public.example:${receiver.port}/`, network)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining('loopback'),
      });
    }
    await expect.poll(() => bytes).toEqual([0, 0]);
    expect(receiver.requests).toEqual([]);
  });

  it('when there is none', async () => {
    expect(await ask('http://empty.example/', { lookup: names([]), connect })).toMatchObject({
      kind: 'unsent',
      why: expect.stringContaining('not known'),
    });
  });
});
