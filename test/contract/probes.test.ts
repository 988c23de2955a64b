import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { printable } from '../../src/model/text.ts';
import { SENDER_KINDS } from '../../src/senders/registry.generated.ts';
import type { Probed } from '../../src/senders/sender.ts';
import { canary, type TestContext, testContext } from '../support/loopback-attempt.ts';
import { selfSigned } from '../support/loopback-certificate.ts';
import { OK, startReceiver } from '../support/loopback-receiver.ts';
import { type Scene, SENDER_HARNESSES } from '../support/loopback-senders.ts';

let context: TestContext;
const opened: (() => unknown)[] = [];
beforeEach(() => {
  context = testContext();
  opened.push(() => context.remove());
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function probe(kind: string, config: Record<string, unknown>, address?: string, signal = new AbortController().signal): Promise<Probed> {
  const probed = await SENDER_KINDS[kind]?.probe?.({ config, context, address, signal });
  if (probed === undefined) throw new Error(`${kind} has no probe`);
  const texts = Object.values(probed).filter((value): value is string => typeof value === 'string');
  for (const text of texts) {
    expect(text).not.toBe('');
    expect(text).toBe(printable(text));
  }
  return probed;
}

it.each(Object.values(SENDER_KINDS))('$kind can be reached for a trial, or says why there is nothing to reach', (kind) => {
  expect((kind.probe === undefined) !== (kind.notProbed === undefined)).toBe(true);
});

describe.each(Object.values(SENDER_KINDS).filter((kind) => kind.probe !== undefined))('$kind', ({ kind }) => {
  const open = async (secret: string): Promise<Scene | undefined> => {
    const scene = await SENDER_HARNESSES[kind]?.succeeds(context, secret);
    if (scene) opened.push(scene.close);
    return scene;
  };

  it('is reached where it works, nothing is sent, and no secret is shown', async () => {
    const secret = canary();
    const scene = await open(secret);
    const probed = await probe(kind, scene?.config ?? {}, scene?.address);
    expect(probed, JSON.stringify(probed)).toMatchObject({ reached: true });
    expect(scene?.delivered()).toEqual([]);
    expect(JSON.stringify(probed)).not.toContain(secret);
  });

  it('comes to an end at once where there is no time left', async () => {
    const scene = await open(canary());
    expect(typeof (await probe(kind, scene?.config ?? {}, scene?.address, AbortSignal.abort())).reached).toBe('boolean');
    expect(scene?.delivered()).toEqual([]);
  });
});

describe('what is amiss is said', () => {
  const amiss = async (...asked: Parameters<typeof probe>): Promise<string> => {
    const probed = await probe(...asked);
    if (probed.reached) throw new Error(probed.saw);
    expect(probed.mend).not.toBe('');
    return probed.problem;
  };

  it('nobody listens', async () => {
    const gone = await startReceiver();
    await gone.close();
    const url = `${gone.origin}/hooks/canary-1`;
    const said = await amiss('webhook', { url, allowHosts: ['127.0.0.1'] });
    expect(said).toMatch(/^127\.0\.0\.1:\d+ cannot be reached: connection refused \(ECONNREFUSED\)$/);
    const port = Number(new URL(gone.origin).port);
    expect(await amiss('smtp', { host: '127.0.0.1', port, tls: 'none', from: 'a@example.org' })).toMatch(/connection refused/);
    const env = { OPENCLAW_GATEWAY_URL: `ws://127.0.0.1:${port}` };
    expect(await amiss('openclaw', { argv: [process.execPath], channel: 'telegram', to: '1', env })).toMatch(/^the gateway at .* cannot be reached/);
  });

  it('an address that is not allowed is not even tried', async () => {
    const receiver = await startReceiver();
    opened.push(receiver.close);
    expect(await amiss('webhook', { url: receiver.origin })).toContain('127.0.0.1 is a loopback address');
    expect(receiver.connections).toBe(0);
  });

  it('a certificate that nobody vouches for', async () => {
    const receiver = await startReceiver([OK], selfSigned());
    opened.push(receiver.close);
    expect(await amiss('webhook', { url: receiver.origin, allowHosts: ['127.0.0.1'] })).toMatch(
      /cannot be reached: .*\(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    );
    expect(receiver.requests).toEqual([]);
  });

  it('a login that the mail server does not take', async () => {
    const secret = canary();
    const scene = await SENDER_HARNESSES['smtp']?.refuses?.(context, secret);
    if (!scene) throw new Error('smtp has no harness that refuses');
    opened.push(scene.close);
    const said = await amiss('smtp', scene.config);
    expect(said).toMatch(/^the mail server 127\.0\.0\.1:\d+ refused the session: 535/);
    expect(said).not.toContain(secret);
    expect(scene.delivered()).toEqual([]);
  });

  it('somebody who listens and says nothing', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    opened.push(() => silent.close());
    const { port } = silent.address() as { port: number };
    const limit = AbortSignal.timeout(300);
    expect(await amiss('smtp', { host: '127.0.0.1', port, tls: 'none', from: 'a@example.org' }, undefined, limit)).toContain('time limit');
    expect(await amiss('webhook', { url: `https://127.0.0.1:${port}/`, allowHosts: ['127.0.0.1'] }, undefined, AbortSignal.timeout(300))).toContain(
      'it did not answer in time',
    );
  });

  it('a secret that is not there', async () => {
    expect(await amiss('webhook', { url: { env: 'NOWHERE' } })).toMatch(/^no request can be made: .*NOWHERE/);
    expect(await amiss('command', { argv: [process.execPath], env: { A: { env: 'NOWHERE' } } })).toContain('NOWHERE');
  });

  it('a program that is not there, or may not be run, also in a folder of its own', async () => {
    expect(await amiss('command', { argv: ['no-such-program'] })).toBe('there is no program no-such-program: no folder of PATH holds it');
    mkdirSync(join(context.workspace, 'tools'));
    writeFileSync(join(context.workspace, 'tools/send'), '#!/bin/sh\n');
    expect(await amiss('command', { argv: ['./send'], cwd: 'tools' })).toMatch(/tools\/send may not be run by this user$/);
    chmodSync(join(context.workspace, 'tools/send'), 0o755);
    expect((await probe('command', { argv: ['./send'], cwd: 'tools' })).reached).toBe(true);
    expect(await amiss('command', { argv: ['./send'] })).toContain('there is no program ./send: it is not at');
    expect(await amiss('command', { argv: ['sh'], cwd: 'gone' })).toContain('the folder that sh starts in is not there');
    expect(await amiss('apprise', { program: './apprise' })).toContain('there is no program ./apprise');
    expect(await amiss('apprise', { program: 'sh', config: 'gone.yml' })).toBe('its configuration gone.yml cannot be read');
  });

  it('a folder that no file can be put into; and a good one is left as it was', async () => {
    writeFileSync(join(context.workspace, 'file'), '');
    expect(await amiss('file', { directory: 'file/notices' })).toMatch(/no file can be put into file\/notices: .*file/);
    expect(await amiss('file', {})).toContain('neither `with.directory`');
    expect(await probe('file', { directory: './new/er' })).toEqual({ reached: true, saw: './new/er is not there yet, and can be made' });
    expect(readdirSync(context.workspace)).toEqual(['file']);
    // The superuser may write everywhere.
    if (process.getuid?.() === 0) return;
    mkdirSync(join(context.workspace, 'closed'), { mode: 0o500 });
    expect(await amiss('file', { directory: 'closed' })).toMatch(/no permission/);
    rmSync(join(context.workspace, 'closed'), { recursive: true });
  });
});
