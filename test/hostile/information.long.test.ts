import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oneLine, printable, truncate } from '../../src/model/text.ts';
import { CliWorkspace } from '../support/cli-workspace.ts';
import { type Receiver, startReceiver } from '../support/loopback-receiver.ts';

const CANARY = 'Zq7canaryZq7canaryZq7canary';
const SECRET = `whsec_${Buffer.from(CANARY).toString('base64')}`;
let workspace: CliWorkspace;
let receiver: Receiver;

beforeEach(() => {
  workspace = new CliWorkspace();
});
afterEach(async () => {
  await receiver?.close();
  workspace.remove();
});

/** Every byte that lies in the workspace, caches included. */
function everything(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) =>
      entry.isDirectory() ? everything(join(folder, entry.name)) : `${entry.name}\n${readFileSync(join(folder, entry.name), 'latin1')}`,
    )
    .join('\n');
}

const forms = [CANARY, Buffer.from(CANARY).toString('base64'), encodeURIComponent(SECRET), Buffer.from(SECRET).toString('base64')];

describe('a secret is nowhere', () => {
  it.each([
    ['where all goes well', [{ status: 200, body: '{"id":"m"}' }]],
    ['where the receiver repeats what it got', [{ status: 400, body: `you sent ${SECRET} and ${SECRET.slice(6)}` }]],
    ['where the receiver gives it as its id', [{ status: 200, body: JSON.stringify({ id: SECRET, detail: SECRET.slice(6) }) }]],
    ['where the connection breaks', ['reset after body' as const]],
    ['where the answer is no HTTP', [{ raw: `${SECRET}\r\n\r\n` }]],
  ])('%s', async (_, behaviours) => {
    receiver = await startReceiver([...behaviours]);
    workspace.bindWebhook(receiver.origin, ', secret: { env: CANARY_SECRET }');
    const env = { CANARY_SECRET: SECRET };
    const ran = [workspace.run(['report', 'failed', '-s', 'job/x'], { env })];
    ran.push(await workspace.runBeside(['reconcile'], { env }));
    expect(receiver.requests.length + receiver.connections).toBeGreaterThan(0);
    for (const command of [['reconcile', '--json'], ['status'], ['status', '--json'], ['explain', 'job.x'], ['plan'], ['validate'], ['nonsense']])
      ran.push(workspace.run(command, { env }));
    const said = ran.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    for (const form of forms) {
      expect(said).not.toContain(form);
      expect(everything(workspace.root)).not.toContain(form);
    }
  });

  it('where the variable is missing, only its name is said', async () => {
    receiver = await startReceiver();
    workspace.bindWebhook(receiver.origin, ', secret: { env: CANARY_SECRET }');
    workspace.run(['report', 'failed', '-s', 'job/x']);
    await workspace.runBeside(['reconcile'], { env: { OTHER: CANARY } });
    expect(receiver.requests).toHaveLength(0);
    expect(everything(workspace.state)).toContain('CANARY_SECRET');
    expect(everything(workspace.root)).not.toContain(CANARY);
  });
});

it('what lies in state/ is for its owner alone', () => {
  workspace.run(['run', '-s', 'job/x', '--', 'sh', '-c', 'exit 3']);
  workspace.run(['reconcile']);
  workspace.run(['ack', 'job', '--by', 'me']);
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      expect(statSync(path).mode & 0o077, path).toBe(0);
      if (entry.isDirectory()) walk(path);
    }
  };
  walk(workspace.state);
});

describe('text from outside', () => {
  // Controls, marks that reorder or hide text, and the tag characters, in hexadecimal.
  const ranges = '0-8 b-1f 7f-9f 61c 180e 200b-200f 2028-202e 2060-206f feff fff9-fffb e0000-e007f';
  const MOVES = new RegExp(`[${ranges.replace(/[0-9a-f]+/g, '\\u{$&}').replaceAll(' ', '')}]`, 'u');
  const nasty = fc.string({
    unit: fc.constantFrom(
      '\u001b',
      '[',
      '2',
      'J',
      '\u009b',
      '\u0007',
      '\r',
      '\n',
      '\t',
      ']',
      '0',
      ';',
      '\u202e',
      '\u2066',
      '\u061c',
      '\u200b',
      'a',
      '\ud800',
      '\udc00',
      '\u{e0041}',
      '\ufff9',
      '\u180e',
      '\u206a',
      '\u0000',
    ),
  });

  it('never moves a terminal, reorders what it shows or hides something', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        for (const safe of [printable(text), oneLine(text), truncate(printable(text), 10)]) {
          expect(safe).not.toMatch(MOVES);
          expect(stripVTControlCharacters(safe)).toBe(safe);
          expect(safe.isWellFormed()).toBe(true);
        }
        expect(oneLine(text)).not.toMatch(/[\n\t]/);
      }),
      { numRuns: 2000 },
    );
    for (let code = 0; code < 0x300; code++) expect(printable(String.fromCharCode(code))).not.toMatch(MOVES);
  });

  it('in events, file names and the last pass comes out of every command without it', async () => {
    const evil = 'a\u001b]0;owned\u0007\u009b2J\u202eb\u001b[31m\r\nfake: nothing needs a human';
    const event = {
      specversion: '1.0',
      id: 'e',
      source: 's\u001b[2J',
      type: 'run.failed',
      subject: 'job/x',
      data: { summary: evil, output: evil, [evil]: evil },
    };
    workspace.run(['ingest', 'cloudevents'], { input: JSON.stringify(event) });
    workspace.run(['report', 'failed', '-s', 'job/y', '--summary', evil, '--data', `k=${evil}`]);
    const day = new Date().toISOString().slice(0, 10);
    spawnSync('touch', ['--', join(workspace.state, 'events', day, 'x\u001b[2J\u009b.json')]);
    const ran = [
      'reconcile',
      'status',
      'plan',
      'explain job.y',
      'explain job.x',
      'status --json',
      `explain ${evil}`,
      `report ${evil}`,
      `-C ${evil} status`,
    ].map((line) => workspace.run(line.split(' ').filter(Boolean)));
    spawnSync('sh', [
      '-c',
      `printf '{"startedAt":"\\033[2J","finishedAt":"\\033[2J","nextDue":"\\033[31mx"}' > "$0"`,
      join(workspace.state, '.pass.json'),
    ]);
    ran.push(workspace.run(['status']));
    for (const { code, stdout, stderr } of ran) {
      expect(code).not.toBe(70);
      expect(stdout + stderr).not.toMatch(MOVES);
    }
    expect(ran.at(-1)?.stdout).toContain('last pass: none yet');
  });
});
