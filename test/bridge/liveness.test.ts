import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Owner } from '../../src/model/artifacts.ts';
import { thisOwner } from '../../src/run/host.ts';
import { Observer } from '../../src/run/liveness.ts';
import { Pulse } from '../../src/run/pulse.ts';
import { Layout } from '../../src/store/layout.ts';
import { owner } from '../support/world.ts';

const LEASE_MS = 40_000;

let root: string;
let layout: Layout;
let now_ms: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rgov-liveness-'));
  layout = new Layout(join(root, 'state'));
  now_ms = 5_000;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const far = owner('on another machine');
const observer = (boot = 'this boot'): Observer => new Observer(layout, () => now_ms, boot);

function beat(what: string, { nonce }: Owner = far): void {
  mkdirSync(layout.owners, { recursive: true });
  writeFileSync(join(layout.owners, nonce), what);
}

describe('an owner whose process this machine can see', () => {
  const here = thisOwner();
  /** No process has a number that high (proc(5), pid_max). */
  const NOBODY = 2 ** 22 + 1;

  it.each([
    ['this very process', here, 'alive'],
    ['another one that runs', { ...here, nonce: '0'.repeat(16) }, 'alive'],
    ['of another boot', { ...here, nonce: '0'.repeat(16), boot: 'another boot' }, 'dead'],
    ['no such process', { ...here, nonce: '0'.repeat(16), pid: NOBODY }, 'dead'],
    ['started at another time', { ...here, nonce: '0'.repeat(16), start: '1' }, 'dead'],
    ['in another process namespace', { ...here, nonce: '0'.repeat(16), pidNamespace: 'pid:[1]', pid: NOBODY }, 'unknown'],
    [
      'on another machine, with another boot of course',
      { ...here, nonce: '0'.repeat(16), machine: 'f'.repeat(32), boot: 'b', pid: NOBODY },
      'unknown',
    ],
  ] as const)('%s: %s', (_, who, expected) => {
    expect(observer().livenessOf(who, LEASE_MS)).toBe(expected);
    // A heartbeat says nothing where one can look.
    beat('1', who);
    expect(observer().livenessOf(who, LEASE_MS)).toBe(expected);
  });
});

describe('an owner on another machine', () => {
  it('is dead when its beat has not changed for the lease, and not before', () => {
    beat('7');
    const one = observer();
    expect(one.livenessOf(far, LEASE_MS)).toBe('unknown');
    now_ms += LEASE_MS - 1;
    expect(one.livenessOf(far, LEASE_MS)).toBe('unknown');
    now_ms += 1;
    expect(one.livenessOf(far, LEASE_MS)).toBe('dead');
  });

  it('lives as long as its beat changes, whatever it says', () => {
    const one = observer();
    for (const what of ['7', '8', '7', 'not a number', '8']) {
      beat(what);
      expect(one.livenessOf(far, LEASE_MS), what).toBe('unknown');
      now_ms += LEASE_MS - 1;
      expect(one.livenessOf(far, LEASE_MS), what).toBe('unknown');
      now_ms += 1;
    }
  });

  it('is dead after the lease where it never had a beat, or lost it', () => {
    const one = observer();
    expect(one.livenessOf(far, LEASE_MS)).toBe('unknown');
    beat('1');
    now_ms += LEASE_MS;
    expect(one.livenessOf(far, LEASE_MS)).toBe('unknown');
    rmSync(layout.owners, { recursive: true });
    now_ms += LEASE_MS;
    expect(one.livenessOf(far, LEASE_MS), 'that it is gone is a change, too').toBe('unknown');
    now_ms += LEASE_MS;
    expect(one.livenessOf(far, LEASE_MS)).toBe('dead');
  });

  it('has a lease of its own: what counts is the one of the claim', () => {
    const one = observer();
    one.livenessOf(far, LEASE_MS);
    now_ms += 1_000;
    expect([one.livenessOf(far, 1_001), one.livenessOf(far, 1_000)]).toEqual(['unknown', 'dead']);
  });

  it('is judged by what another process of this boot has seen', () => {
    beat('7');
    const first = observer();
    first.livenessOf(far, LEASE_MS);
    first.remember();
    now_ms += LEASE_MS;
    expect(observer().livenessOf(far, LEASE_MS)).toBe('dead');
    expect(observer('another boot').livenessOf(far, LEASE_MS), 'another boot, another clock').toBe('unknown');
  });

  it('is not judged by what nobody remembered, or by a memory that cannot be read', () => {
    beat('7');
    observer().livenessOf(far, LEASE_MS);
    now_ms += LEASE_MS;
    expect(observer().livenessOf(far, LEASE_MS)).toBe('unknown');
    mkdirSync(layout.cache, { recursive: true });
    for (const text of [
      '',
      '{',
      '{"boot":"this boot","sightings":7}',
      `{"boot":"this boot","sightings":[["${far.nonce}",{"beat":"7","since_ms":null}]]}`,
    ]) {
      writeFileSync(join(layout.cache, 'owners.json'), text);
      expect(observer().livenessOf(far, LEASE_MS), text).toBe('unknown');
    }
  });
});

it('a process that claims has a beat from then until it lets go', () => {
  const pulse = new Pulse(layout);
  pulse.start();
  pulse.start();
  expect(readdirSync(layout.owners)).toEqual([thisOwner().nonce]);
  pulse.stop();
  pulse.stop();
  expect(readdirSync(layout.owners)).toEqual([]);
});
