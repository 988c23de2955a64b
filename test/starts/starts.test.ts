import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RgovError } from '../../src/model/errors.ts';
import { init } from '../../src/run/init.ts';
import { validate } from '../../src/run/validate.ts';
import { commandsInReadme, root, STARTS } from './readme.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rgov-starts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('there is one for each runtime that is described, and the README shows each', () => {
  expect(STARTS).toEqual(['claude-code', 'cron', 'github-actions', 'kubernetes', 'openclaw', 'shell', 'systemd']);
  for (const name of STARTS) expect(existsSync(join(root, `bindings/runtimes/${name}.yaml`)), name).toBe(true);
  expect(Object.keys(commandsInReadme()).sort()).toEqual(STARTS);
});

describe.each(STARTS)('%s', (name) => {
  it('makes a workspace that is valid at once, names its runtime, and brings its profile along', async () => {
    const { created, runtime } = init(folder, name);
    expect(runtime).toBe(name);
    const { problems, warnings, notInForce, catalog } = await validate({ workspace: folder });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(notInForce).toEqual([]);
    expect(created).toContain(`profiles/${catalog?.profile}.yaml`);
    expect(readFileSync(join(folder, 'bindings/default.yaml'), 'utf8')).toContain(`  runtime: ${name}\n`);
    // The page that its first lines name.
    expect(existsSync(join(root, `docs/profiles/${catalog?.profile}.md`))).toBe(true);
  });

  it('is at most five commands away from a notice, and says the same as the README', () => {
    const { next } = init(folder, name);
    const commands = [`rgov init reporting --runtime ${name}`, 'cd reporting', ...next];
    expect(commandsInReadme()[name]).toEqual(commands);
    expect(commands.length).toBeLessThanOrEqual(5);
  });
});

describe('init', () => {
  const refused = (name: string): RgovError => {
    try {
      init(folder, name);
    } catch (error) {
      if (error instanceof RgovError) return error;
    }
    throw new Error('it was not refused');
  };

  it('lists them where no name is given, and guesses what was meant', () => {
    expect(refused('')).toMatchObject({ kind: 'usage', expected: STARTS.join(', ') });
    expect(refused('opnclaw')).toMatchObject({ expected: STARTS.join(', '), hint: 'did you mean: rgov init --runtime openclaw' });
    expect(refused('../policy').kind).toBe('usage');
    expect(existsSync(join(folder, 'bindings'))).toBe(false);
  });

  it('keeps what is there', () => {
    init(folder, 'cron');
    writeFileSync(join(folder, 'bindings/default.yaml'), '# mine\n');
    expect(init(folder, 'openclaw').kept).toContain('bindings/default.yaml');
    expect(readFileSync(join(folder, 'bindings/default.yaml'), 'utf8')).toBe('# mine\n');
  });
});
