import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../../src/model/catalog.ts';
import { acknowledgeLinkFor, tokenReader } from '../../src/run/ack-token.ts';
import type { Workspace } from '../../src/run/workspace.ts';
import { Layout } from '../../src/store/layout.ts';
import { catalogOf } from '../support/world.ts';

const NAME = '20261122T115900.000Z_failure-reaches-operator_operator_6fec7c337337';
const SECRET = '0123456789abcdef';
const URL = 'https://ack.example/confirm?t={token}#{token}';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rgov-ack-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const workspace = (acknowledge: Catalog['acknowledge']): Workspace => ({
  root,
  catalog: catalogOf({ acknowledge }),
  layout: new Layout(join(root, 'state')),
});
const signing = (secret: NonNullable<Catalog['acknowledge']>['secret'] = { env: 'ACK' }): Workspace => workspace({ url: URL, secret });
const tokenOf = (env = { ACK: SECRET }): string => /\?t=([^#]*)#/.exec(acknowledgeLinkFor(signing(), env)(NAME) ?? '')?.[1] ?? '';

describe('an acknowledgement link', () => {
  it('holds the name of the notice and half of an HMAC-SHA256 over it, wherever {token} stands', () => {
    const mac = createHmac('sha256', SECRET).update(`rgov-ack-v1\n${NAME}`).digest().subarray(0, 16).toString('base64url');
    expect(acknowledgeLinkFor(signing(), { ACK: SECRET })(NAME)).toBe(`https://ack.example/confirm?t=${NAME}~${mac}#${NAME}~${mac}`);
    expect(encodeURIComponent(`${NAME}~${mac}`), 'no character of it needs an escape').toBe(`${NAME}~${mac}`);
  });

  it('is made of a secret in a file, or from a command, too', () => {
    writeFileSync(join(root, 'secret'), `${SECRET}\n`);
    const fromFile = acknowledgeLinkFor(signing({ file: 'secret' }), {})(NAME);
    const fromCommand = acknowledgeLinkFor(signing({ command: [process.execPath, '-e', `console.log('${SECRET}')`] }), {})(NAME);
    expect(fromFile).toBe(acknowledgeLinkFor(signing(), { ACK: SECRET })(NAME));
    expect(fromCommand).toBe(fromFile);
  });

  it('is not there where the binding declares none, and no secret is asked for', () => {
    expect(acknowledgeLinkFor(workspace(null), {})(NAME)).toBeUndefined();
  });

  it('is refused with a secret that can be guessed, or none, when it is first needed and with no word of the secret', () => {
    const short = acknowledgeLinkFor(signing(), { ACK: 'fifteen-letters' });
    expect(() => short(NAME)).toThrow(/fewer than 16 characters/);
    expect(() => short(NAME)).not.toThrow(/fifteen/);
    expect(() => acknowledgeLinkFor(signing(), {})(NAME)).toThrow(/ACK is not set/);
  });
});

describe('a token', () => {
  const read = (token: string): string => tokenReader(signing(), { ACK: SECRET })(token);

  it('that was signed here names its notice', () => {
    expect(read(tokenOf())).toBe(NAME);
  });

  it('that was changed anywhere, cut, lengthened or written otherwise is not one', () => {
    const token = tokenOf();
    for (let i = 0; i < token.length; i++) {
      const other = `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`;
      expect(() => read(other), `changed at ${i}`).toThrow(/not one that was signed here/);
    }
    for (const other of [token.slice(0, -1), `${token}A`, `${token}=`, ` ${token}`, NAME, `${NAME}~`, '', '~', '~~', '__proto__~x', `../${token}`]) {
      expect(() => read(other), other).toThrow(/not one that was signed here/);
    }
    expect(() => read(`${token}${'x'.repeat(1_000_000)}`)).toThrow(/not one that was signed here/);
  });

  it('of another secret, or of the same notice signed for another purpose, is not one', () => {
    expect(() => read(tokenOf({ ACK: `${SECRET}!` }))).toThrow(/not one that was signed here/);
    const mac = createHmac('sha256', SECRET).update(NAME).digest().subarray(0, 16).toString('base64url');
    expect(() => read(`${NAME}~${mac}`)).toThrow(/not one that was signed here/);
  });

  it('never shows in what is said against it', () => {
    const token = `${NAME}~${'A'.repeat(22)}`;
    expect(() => read(token)).not.toThrow(new RegExp(NAME));
  });
});
