import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signatureFile, signSeal, verifySignature } from '../../src/run/signatures.ts';

const place = mkdtempSync(join(tmpdir(), 'rgov-signatures-'));
const env: Record<string, string> = { PATH: process.env['PATH'] ?? '', HOME: place, TZ: 'UTC' };
const told: string[] = [];
const agents: ChildProcess[] = [];
let count = 0;
let seals: string;

beforeEach(() => {
  seals = join(place, `seals-${++count}`);
  mkdirSync(seals);
});
afterEach(() => {
  for (const agent of agents.splice(0)) agent.kill('SIGKILL');
});
afterAll(() => {
  const keys = readdirSync(place).filter((name) => name.startsWith('key-') && !name.endsWith('.pub'));
  const secrets = keys.flatMap((name) =>
    readFileSync(join(place, name), 'utf8')
      .split('\n')
      .filter((line) => line.length > 20 && !line.startsWith('-----')),
  );
  expect(secrets.length).toBeGreaterThan(10);
  const all = told.join('\n');
  // Nothing that was ever said holds a line of any private key, nor a pass phrase.
  for (const secret of [...secrets, 'correct horse']) expect(all.includes(secret)).toBe(false);
  rmSync(place, { recursive: true, force: true });
});

function key(...options: string[]): string {
  const file = join(place, `key-${++count}`);
  const { status, stderr } = spawnSync('ssh-keygen', ['-q', '-C', 'comment', '-f', file, ...(options.includes('-N') ? [] : ['-N', '']), ...options], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return file;
}

const publicKey = (file: string): string => readFileSync(`${file}.pub`, 'utf8').trim();

function seal(day = '2026-11-22', text = `${'a'.repeat(64)}  events/x.json\n`): string {
  const file = join(seals, `${day}.sha256`);
  writeFileSync(file, text);
  return file;
}

/** An allowed-signers file with these lines. */
function allowed(...lines: string[]): string {
  const file = join(place, `allowed-${++count}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

async function sign(file: string, keyFile: string, more: Record<string, string> = {}): ReturnType<typeof signSeal> {
  const result = await signSeal(file, keyFile, { ...env, ...more });
  told.push(JSON.stringify(result));
  return result;
}

async function verify(file: string, signers: string, signature = signatureFile(file)): ReturnType<typeof verifySignature> {
  const result = await verifySignature(file, signature, signers, env);
  told.push(JSON.stringify(result));
  return result;
}

const refused = (detail: string): object => ({ ok: false, detail: expect.stringContaining(detail) });

describe('a signature', () => {
  it.each([
    ['ed25519', ['-t', 'ed25519']],
    ['rsa', ['-t', 'rsa', '-b', '2048']],
    ['ecdsa', ['-t', 'ecdsa', '-b', '521']],
  ])('by a key of type %s stands beside the seal and is good, as ssh-keygen says, too', async (_, options) => {
    const [mine, file] = [key(...options), seal()];
    expect(await sign(file, mine)).toEqual({ ok: true, outcome: 'signed' });
    expect(readdirSync(seals).sort()).toEqual(['2026-11-22.sha256', '2026-11-22.sha256.sig']);
    expect(statSync(signatureFile(file)).mode & 0o777).toBe(0o600);
    const signers = allowed(`ops@example.org namespaces="rgov-seal" ${publicKey(mine)}`);
    expect(await verify(file, signers)).toEqual({ ok: true, principal: 'ops@example.org' });
    const args = ['-Y', 'verify', '-n', 'rgov-seal', '-I', 'ops@example.org', '-f', signers, '-s', signatureFile(file)];
    expect(spawnSync('ssh-keygen', args, { input: readFileSync(file) }).status).toBe(0);
  });

  it('is made once: what is there stays', async () => {
    const [mine, file] = [key(), seal()];
    writeFileSync(signatureFile(file), 'something\n');
    expect(await sign(file, mine)).toEqual({ ok: true, outcome: 'there' });
    expect(readFileSync(signatureFile(file), 'utf8')).toBe('something\n');
    unlinkSync(signatureFile(file));
    const results = await Promise.all([sign(file, mine), sign(file, mine), sign(file, mine)]);
    expect(results.map((result) => result.ok && result.outcome).sort()).toEqual(['signed', 'there', 'there']);
    expect(await verify(file, allowed(`a ${publicKey(mine)}`))).toMatchObject({ ok: true });
    expect(readdirSync(seals)).toHaveLength(2);
  });

  it('may come from an agent, by the public key alone', async () => {
    const [mine, file] = [key('-N', 'correct horse'), seal()];
    const socket = join(place, `agent-${++count}`);
    agents.push(spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' }));
    await expect.poll(() => existsSync(socket), { timeout: 20_000 }).toBe(true);
    const askpass = join(place, 'askpass');
    writeFileSync(askpass, '#!/bin/sh\necho correct horse\n', { mode: 0o755 });
    const add = spawnSync('ssh-add', [mine], {
      env: { ...env, SSH_AUTH_SOCK: socket, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' },
      encoding: 'utf8',
    });
    expect(add.status, add.stderr).toBe(0);
    const lone = join(place, `lone-${count}.pub`);
    writeFileSync(lone, `${publicKey(mine)}\n`);
    expect(await sign(file, lone, { SSH_AUTH_SOCK: socket })).toEqual({ ok: true, outcome: 'signed' });
    expect(await verify(file, allowed(`a ${publicKey(mine)}`))).toEqual({ ok: true, principal: 'a' });
    const other = seal('2026-11-23');
    expect(await sign(other, mine, { SSH_AUTH_SOCK: socket })).toEqual({ ok: true, outcome: 'signed' });
  });
});

describe('no signature is made, and nobody is asked', () => {
  it.each<[string, () => string, string]>([
    ['with a pass phrase and no agent', () => key('-N', 'correct horse'), 'passphrase'],
    [
      'that others may read',
      () => {
        const file = key();
        chmodSync(file, 0o644);
        return file;
      },
      'too open',
    ],
    ['that is not there', () => join(place, 'nothing'), 'No such file'],
    ['that is a folder', () => place, ''],
    [
      'that is empty',
      () => {
        const file = join(place, `empty-${++count}`);
        writeFileSync(file, '', { mode: 0o600 });
        return file;
      },
      '',
    ],
    [
      'that is public, with no agent',
      () => {
        const file = key();
        rmSync(file);
        return `${file}.pub`;
      },
      'No private key',
    ],
    [
      'that is cut off',
      () => {
        const file = key();
        truncateSync(file, 200);
        return file;
      },
      '',
    ],
  ])('by a key %s', async (_, make, detail) => {
    const file = seal();
    const display = { DISPLAY: ':0', SSH_ASKPASS: join(place, 'asked.sh'), SSH_ASKPASS_REQUIRE: 'force' };
    writeFileSync(display.SSH_ASKPASS, `#!/bin/sh\ntouch '${place}/asked'\necho correct horse\n`, { mode: 0o755 });
    expect(await sign(file, make(), display)).toEqual(refused(detail));
    expect(readdirSync(seals)).toEqual(['2026-11-22.sha256']);
    expect(existsSync(join(place, 'asked'))).toBe(false);
  });

  it('of a seal that is missing, or a link', async () => {
    const mine = key();
    expect(await sign(join(seals, '2026-11-22.sha256'), mine)).toEqual(refused('cannot be read'));
    symlinkSync(mine, join(seals, '2026-11-23.sha256'));
    expect(await sign(join(seals, '2026-11-23.sha256'), mine)).toEqual(refused('cannot be read'));
  });

  it('without ssh-keygen, or with one that prints something else', async () => {
    const [mine, file] = [key(), seal()];
    expect(await sign(file, mine, { PATH: place })).toEqual(refused('there is no ssh-keygen'));
    for (const script of ['echo nonsense', 'printf -- "-----BEGIN SSH SIGNATURE-----\\nAAAA\\n"', 'true', 'exit 7', 'kill -9 $$']) {
      const bin = join(place, `bin-${++count}`);
      mkdirSync(bin);
      writeFileSync(join(bin, 'ssh-keygen'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      expect(await sign(file, mine, { PATH: `${bin}:${env['PATH']}` }), script).toEqual(refused(''));
      expect(readdirSync(seals)).toEqual(['2026-11-22.sha256']);
    }
  });
});

describe('a signature is refused', () => {
  const signed = async (): Promise<{ mine: string; file: string; good: string }> => {
    const [mine, file] = [key(), seal()];
    await sign(file, mine);
    const good = allowed(`a@x ${publicKey(mine)}`);
    expect(await verify(file, good)).toEqual({ ok: true, principal: 'a@x' });
    return { mine, file, good };
  };

  it('by another key', async () => {
    const { file } = await signed();
    expect(await verify(file, allowed(`a@x ${publicKey(key())}`))).toEqual(refused('no allowed signer'));
  });

  it('over other bytes', async () => {
    const { file, good } = await signed();
    writeFileSync(file, readFileSync(file, 'utf8').replace('a', 'b'));
    expect(await verify(file, good)).toEqual(refused('incorrect signature'));
  });

  it('of another seal', async () => {
    const { file, good } = await signed();
    const other = seal('2026-11-23', 'other\n');
    expect(await verify(other, good, signatureFile(file))).toEqual(refused('incorrect signature'));
  });

  it('made for something else', async () => {
    const { mine, file, good } = await signed();
    const { stdout } = spawnSync('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', mine], { input: readFileSync(file) });
    writeFileSync(signatureFile(file), stdout);
    expect(await verify(file, good)).toEqual(refused('namespace'));
  });

  it('for which the key may not be used', async () => {
    const { mine, file } = await signed();
    expect((await verify(file, allowed(`a@x namespaces="git" ${publicKey(mine)}`))).ok).toBe(false);
  });

  it('that was cut, at any length, or altered', async () => {
    const { file, good } = await signed();
    const whole = readFileSync(signatureFile(file), 'utf8');
    for (const length of [0, 1, 30, 60, 150, whole.length - 30, whole.length - 2]) {
      writeFileSync(signatureFile(file), whole.slice(0, length));
      expect((await verify(file, good)).ok, String(length)).toBe(false);
    }
    const middle = whole.length >> 1;
    writeFileSync(signatureFile(file), whole.slice(0, middle) + (whole[middle] === 'A' ? 'B' : 'A') + whole.slice(middle + 1));
    expect((await verify(file, good)).ok).toBe(false);
  });

  it('that is missing, a link or a folder', async () => {
    const { file, good } = await signed();
    const kept = join(place, `kept-${count}`);
    writeFileSync(kept, readFileSync(signatureFile(file)));
    unlinkSync(signatureFile(file));
    expect(await verify(file, good)).toEqual(refused('there is no signature'));
    symlinkSync(kept, signatureFile(file));
    expect(await verify(file, good)).toEqual(refused('symbolic link'));
    unlinkSync(signatureFile(file));
    mkdirSync(signatureFile(file));
    expect(await verify(file, good)).toEqual(refused('folder'));
  });

  it('by a key that was revoked', async () => {
    const { mine, file, good } = await signed();
    writeFileSync(`${good}.revoked`, `${publicKey(key())}\n`);
    expect((await verify(file, good)).ok).toBe(true);
    writeFileSync(`${good}.revoked`, `${publicKey(mine)}\n`);
    expect(await verify(file, good)).toEqual(refused('revoked'));
    rmSync(`${good}.revoked`);
    mkdirSync(`${good}.revoked`);
    expect((await verify(file, good)).ok).toBe(false);
  });

  it('where nobody says who is allowed', async () => {
    const { file } = await signed();
    expect(await verify(file, join(place, 'nobody'))).toEqual(refused('ENOENT'));
    expect(await verify(file, allowed('nonsense', '', '# comment'))).toEqual(refused('no allowed signer'));
    expect(await verify(file, place)).toEqual(refused('no regular file'));
  });
});

describe('a key that is not valid for ever', () => {
  it.each([
    ['had expired before the day was over', 'valid-before="20200110"', false],
    ['expired since', 'valid-before="20200112"', true],
    ['is valid from a later day on, and now', 'valid-after="20200112"', true],
    ['was not valid yet, nor is it now', 'valid-after="29990101"', false],
  ])('that %s', async (_, option, expected) => {
    const [mine, file] = [key(), seal('2020-01-10')];
    await sign(file, mine);
    expect((await verify(file, allowed(`a@x ${option} ${publicKey(mine)}`))).ok).toBe(expected);
  });
});

describe('a name', () => {
  it.each([
    ['"two words"', 'two words'],
    ['wörk@exämple.org', 'wörk@exämple.org'],
    ['*@example.org', '*@example.org'],
    ['-oOption', '-oOption'],
    ['a@x,b@x', 'a@x'],
    ['!not@x,yes@x', 'yes@x'],
    ['"$(touch x);`id`"', '$(touch x);`id`'],
    ["it's", "it's"],
  ])('%s', async (written, read) => {
    const [mine, file] = [key(), seal()];
    await sign(file, mine);
    expect(await verify(file, allowed(`${written} ${publicKey(mine)}`))).toEqual({ ok: true, principal: read });
  });

  it('that a terminal would obey is shown without that', async () => {
    const [mine, file] = [key(), seal()];
    await sign(file, mine);
    const result = await verify(file, allowed(`a\u001b[31m@x ${publicKey(mine)}`));
    expect(JSON.stringify(result)).not.toContain('\\u001b');
  });
});
