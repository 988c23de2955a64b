import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Place, type Ran } from '../support/cli.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.initialised();
});
afterEach(() => place.remove());

const status = (...args: string[]): Promise<Ran> => place.rgov(['status', ...args]);

/** As if the last pass had been then. */
function passAt(ms: number): void {
  const time = new Date(ms).toISOString();
  place.write('state/.pass.json', JSON.stringify({ startedAt: time, finishedAt: time, nextDue: null }));
}

describe('rgov status --max-age', () => {
  it('is content while passes complete', async () => {
    expect((await place.rgov(['reconcile'])).code).toBe(0);
    const ran = await status('--max-age', '1d', '--json');
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({ needsHuman: false, watch: { maxAge_ms: 86_400_000, late: false, detail: '' } });
    expect(place.normal((await status('--max-age', '1d')).stdout)).toBe(place.normal((await status()).stdout));
  });

  it('says first that no pass has completed for that long', async () => {
    passAt(Date.now() - 7_200_000);
    expect((await status()).code).toBe(0);
    const ran = await status('--max-age=10m');
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect(ran.stdout).toMatch(/^no pass has completed for 2h; at most 10m may lie between passes\n/);
    expect((await status('--max-age=10m', '--json')).code).toBe(1);
    expect((await place.rgov(['status', '--max-age=10m'], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[31mno pass has completed');
  });

  it('says that none ever did, and that a record lies in the future', async () => {
    const never = await status('--max-age', '10m');
    expect(never).toMatchObject({ code: 1, stdout: expect.stringMatching(/^no pass has completed here yet; /) });
    passAt(Date.now() + 7_230_000);
    const future = await status('--max-age', '10m');
    expect(future).toMatchObject({ code: 1, stdout: expect.stringMatching(/^the last pass is recorded 2h in the future \(/) });
  });

  it.each(['soon', '', '0s', '-5m', '10', '99999w'])('refuses %j', async (text) => {
    const ran = await status(`--max-age=${text}`);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain(`--max-age ${text} is not a length of time`);
    expect(ran.stderr).toContain('hint:     rgov status --max-age 10m');
    expect(JSON.parse((await status(`--max-age=${text}`, '--json')).stdout)).toMatchObject({ error: { kind: 'usage' } });
  });

  it('says nothing of it where nobody asks', async () => {
    expect(JSON.parse((await status('--json')).stdout)).not.toHaveProperty('watch');
  });
});

describe('rgov status after an invalid edit', () => {
  const mistake = '  posture: enforce\n';

  it('shows everything as of the last valid documents, and first what is wrong', async () => {
    await place.rgov(['report', 'failed', '-s', 'job/x']);
    await place.rgov(['reconcile']);
    const { counts, binding, profile, documents } = JSON.parse((await status('--json')).stdout);
    expect(documents).toMatchObject({ valid: true, problems: [] });
    appendFileSync(place.ws('profiles/local-file.yaml'), mistake);
    const ran = await status();
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect(ran.stdout).toMatch(/^the declared documents have 1 problem since they were edited\n {2}profiles\/local-file\.yaml:\d+: /);
    expect(ran.stdout).toContain(`(${documents.digest.slice(0, 12)})`);
    expect(ran.stdout).toContain('1 event, 1 notice');
    const json = await status('--json');
    expect(json.code).toBe(1);
    const { problems } = JSON.parse((await place.rgov(['validate', '--json'])).stdout);
    expect(problems).toHaveLength(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      needsHuman: true,
      counts,
      binding,
      profile,
      documents: { valid: false, problems, digest: documents.digest },
    });
    expect((await place.rgov(['reconcile'])).code).toBe(2);
  });

  it('is calm again when it is mended', async () => {
    await place.rgov(['reconcile']);
    const file = place.ws('profiles/local-file.yaml');
    const before = readFileSync(file);
    appendFileSync(file, mistake);
    expect((await status()).code).toBe(1);
    writeFileSync(file, before);
    expect((await status()).code).toBe(0);
  });

  it('fails as before where no valid catalog is remembered, or only one of another binding', async () => {
    await place.rgov(['reconcile']);
    appendFileSync(place.ws('profiles/local-file.yaml'), mistake);
    expect((await status('--binding', 'default')).code).toBe(1);
    expect((await status('--binding', 'nope')).code).toBe(2);
    rmSync(place.ws('.cache'), { recursive: true });
    const ran = await status();
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('profiles/local-file.yaml:');
  });
});
