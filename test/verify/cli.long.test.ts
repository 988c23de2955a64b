import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OBEYED_BY_TERMINALS, Place, PROGRAM, type Ran } from '../support/cli.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.initialised();
});
afterEach(() => place.remove());

const verify = (...args: string[]): Promise<Ran> => place.rgov(['verify', ...args]);

async function failOnce(subject = 'job/backup'): Promise<void> {
  expect((await place.rgov(['report', 'failed', '--subject', subject])).code).toBe(0);
  expect((await place.rgov(['reconcile'])).code).toBe(0);
}

function first(stage: string): string {
  const [path] = Object.keys(place.state()).filter((name) => name.startsWith(`${stage}/`));
  if (path === undefined) throw new Error(`there is no ${stage}`);
  return place.ws('state', path);
}

describe('rgov verify', () => {
  it('says what it has read, and what nobody could find out', async () => {
    await failOnce();
    const ran = await verify();
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(place.normal(ran.stdout)).toMatchInlineSnapshot(`
      "nothing is amiss with 5 artifacts of 1 day in ./state
        read         5 artifacts: schema, name, links, and what is possible
        sealed       nothing
        signatures   none

      cannot be detected: that the newest was taken away, if no copy lies elsewhere: what nothing else names yet of days that are not sealed (a last receipt, an event with all that followed), or the newest seals with their days
        not sealed: 5 artifacts, from <day> on
      "
    `);
  });

  it('places every finding', async () => {
    await failOnce();
    writeFileSync(first('events'), `${readFileSync(first('events'))} `);
    rmSync(first('receipts'));
    writeFileSync(place.ws('state/queue/README'), '');
    const ran = await verify();
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect(place.normal(ran.stdout)).toMatchInlineSnapshot(`
      "cause_altered  events/<day>/<time>_run.failed_job.backup_<hash>.json
        it has other bytes than the artifact says that names it as its cause: decisions/<day>/<time>_run.failed_job.backup_<hash>.json says <sha256>, it has <sha256>; 1 more
        since <time>
      name_invalid  queue/README
        the file name is no artifact name of this folder: the folders here are named after days
        since <time>

      2 findings among 4 artifacts of 1 day in ./state
        read         4 artifacts: schema, name, links, and what is possible
        sealed       nothing
        signatures   none

      cannot be detected: that the newest was taken away, if no copy lies elsewhere: what nothing else names yet of days that are not sealed (a last receipt, an event with all that followed), or the newest seals with their days
        not sealed: 4 artifacts, from <day> on
      "
    `);
  });

  it('answers programs in one piece', async () => {
    await failOnce();
    rmSync(first('events'));
    const ran = await verify('--json');
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ok: false,
      findings: [{ path: expect.stringMatching(/^events\//), reason: 'cause_missing', since: expect.stringMatching(/Z$/) }],
      undetectable: { artifacts: 4 },
    });
  });

  it('writes nothing', async () => {
    await failOnce();
    rmSync(place.ws('.cache'), { recursive: true, force: true });
    const before = everything(place.root);
    await verify('--deep');
    expect(everything(place.root)).toEqual(before);
  });

  it('needs a state', async () => {
    expect(await verify()).toMatchObject({ code: 3, stderr: expect.stringContaining('there is no folder') });
    expect(await verify('--state', 'bindings')).toMatchObject({ code: 3, stderr: expect.stringContaining('is no state folder') });
  });

  it.each([
    ['--day', 'today'],
    ['--since', '2026-02-30'],
    ['--allowed-signers', 'nowhere'],
    ['--git', 'nowhere..HEAD'],
  ])('refuses %s %s', async (...args) => {
    await failOnce();
    const ran = await verify(...args);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('hint:');
  });
});

describe('rgov verify of a damaged workspace', () => {
  it('goes by the documents as they were valid last', async () => {
    await failOnce();
    writeFileSync(place.ws('bindings/default.yaml'), 'no: binding\n');
    const ran = await verify();
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^the declared documents have \d+ problems?; what is verified is the state of binding default as it was valid last\n/);
  });

  it('needs none at all', async () => {
    await failOnce();
    for (const folder of ['.cache', 'bindings']) rmSync(place.ws(folder), { recursive: true });
    expect((await verify('-C', '.')).stdout).toContain('what is verified is ./state');
    renameSync(place.ws('state'), place.path('copy'));
    expect(await verify('--state', '../copy')).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is amiss') });
  });
});

it('finds nothing while others are at work', async () => {
  const watch = spawn(process.execPath, [PROGRAM, 'watch'], { cwd: place.ws(), env: place.env, stdio: ['ignore', 'ignore', 'ignore'] });
  try {
    for (let n = 0; n < 4; n++) {
      const lines = Array.from({ length: 60 }, (_, i) =>
        JSON.stringify({ specversion: '1.0', id: `${n}-${i}`, source: 'test', type: 'run.failed', subject: `job/${n}.${i}` }),
      );
      const [ingested, ...reports] = await Promise.all([
        place.rgov(['ingest', 'cloudevents', '-'], { input: lines.join('\n') }),
        verify('--json').catch(() => null),
        verify('--json'),
      ]);
      expect(ingested.code).toBe(0);
      // The very first may come before anything is there.
      for (const report of reports)
        if (report !== null && report.code !== 3) expect(JSON.parse(report.stdout)).toMatchObject({ ok: true, findings: [] });
    }
  } finally {
    watch.kill('SIGTERM');
    await once(watch, 'exit');
  }
  expect(JSON.parse((await verify('--json')).stdout)).toMatchObject({ ok: true });
});

it('prints nothing that a terminal obeys', async () => {
  await failOnce();
  writeFileSync(place.ws('state/queue', '\u001b[2J\u202e'), '');
  expect((await verify()).stdout).not.toMatch(OBEYED_BY_TERMINALS);
  expect((await verify('--json')).stdout).not.toMatch(OBEYED_BY_TERMINALS);
});

/** Every file and folder with its size and times. */
function everything(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .sort()
    .map((path) => {
      const { size, mtimeMs, ctimeMs } = lstatSync(join(folder, path));
      return `${path} ${size} ${mtimeMs} ${ctimeMs}`;
    });
}
