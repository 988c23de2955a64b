import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signSeal } from '../../src/run/signatures.ts';
import { verify } from '../../src/run/verify/index.ts';
import { FIRST, SECOND, THIRD, Trail } from './state.ts';
import { Labels, Tampered } from './tampered.ts';

const isMissing = spawnSync('ssh-keygen', ['-?']).error !== undefined;
if (isMissing) console.log('skipped: there is no ssh-keygen on PATH (Debian: openssh-client)');

describe.skipIf(isMissing)('signatures of seals', () => {
  const trail = new Trail();
  const keys = mkdtempSync(join(tmpdir(), 'rgov-keys-'));
  const allowedSigners = join(keys, 'allowed');
  const key = (name: string): string => join(keys, name);
  let labels: Labels;
  let signed: Tampered;

  beforeAll(async () => {
    await trail.make();
    labels = new Labels(trail);
    for (const name of ['ours', 'theirs']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key(name)]);
    writeFileSync(allowedSigners, `ops@example.com namespaces="rgov-seal" ${readFileSync(key('ours.pub'))}`);
  });
  afterAll(() => {
    trail.remove();
    rmSync(keys, { recursive: true });
  });
  beforeEach(() => {
    signed = new Tampered(trail, labels);
  });
  afterEach(() => signed.done());

  const sign = async (day: string, by = 'ours'): Promise<void> => {
    expect(await signSeal(signed.layout.at(`seals/${day}.sha256`), key(by))).toMatchObject({ ok: true });
  };
  const found = async (options: { deep?: boolean } = {}): Promise<string[]> => {
    const { findings } = await verify({ state: signed.layout.root, allowedSigners, ...options });
    return findings.map(({ reason, path }) => `${reason} ${labels.of(path)}`);
  };

  it('speak for all before, by the newest', async () => {
    for (const day of [FIRST, THIRD]) await sign(day);
    const report = await verify({ state: signed.layout.root, allowedSigners });
    expect(report).toMatchObject({ ok: true, signatures: { signed: 2, checked: 1, newest: { day: THIRD, by: 'ops@example.com' } } });
    expect((await verify({ state: signed.layout.root, allowedSigners, deep: true })).signatures.checked).toBe(2);
  });

  it('are not believed from anybody else', async () => {
    await sign(THIRD, 'theirs');
    expect(await found()).toEqual(['signature_invalid seals/third.sha256.sig']);
  });

  it('are not believed over other bytes', async () => {
    await sign(THIRD);
    signed.reseal(THIRD, (lines) => lines.slice(0, -1));
    expect(await found()).toContain('signature_invalid seals/third.sha256.sig');
  });

  it('are all looked at where that is asked for', async () => {
    await sign(SECOND, 'theirs');
    await sign(THIRD);
    expect(await found()).toEqual([]);
    expect(await found({ deep: true })).toEqual(['signature_invalid seals/second.sha256.sig']);
  });

  it('must be there for the newest seal where signers are named', async () => {
    expect(await found()).toEqual(['signature_missing seals/third.sha256']);
    await sign(SECOND);
    expect(await found()).toEqual(['signature_missing seals/third.sha256']);
  });

  it('are counted, and not judged, where nobody says who may sign', async () => {
    await sign(THIRD, 'theirs');
    const { ok, signatures } = await verify({ state: signed.layout.root });
    expect({ ok, signatures }).toEqual({ ok: true, signatures: { signed: 1, checked: 0, newest: null, allowedSigners: null } });
  });

  it('need a file that is there', async () => {
    await expect(verify({ state: signed.layout.root, allowedSigners: key('nowhere') })).rejects.toMatchObject({ kind: 'usage' });
  });
});
