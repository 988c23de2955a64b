import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Place } from '../support/cli.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.initialised();
  writeFileSync(
    place.ws('policy/more.yaml'),
    'apiVersion: reporting-governance/v1\nkind: PolicyPack\nmetadata: { name: more, version: 1.0.0 }\nspec:\n  notfy: []\n',
  );
});
afterEach(() => place.remove());

const NEEDING = [
  'report started -s job/x',
  'ingest cloudevents',
  'plan',
  'reconcile',
  'reconcile -q',
  'status',
  'explain some-id',
  'ack some-id --by alice',
];

describe('with an invalid document', () => {
  it('every command says where it is and how to check it, and nothing is written', async () => {
    const all = await Promise.all(NEEDING.map((command) => place.rgov(command.split(' '))));
    for (const ran of all)
      expect({ code: ran.code, stdout: ran.stdout, stderr: ran.stderr }).toEqual({ code: 2, stdout: '', stderr: all[0]?.stderr });
    expect(place.transcript('rgov status', all[0] as (typeof all)[number])).toMatchSnapshot();
    expect(all[0]?.stderr).toContain('policy/more.yaml:5:3');
    expect(existsSync(place.ws('state'))).toBe(false);
  });

  it('errors as JSON hold the same problems as validate', async () => {
    const { error } = JSON.parse((await place.rgov(['status', '--json'])).stdout);
    const { problems, valid } = JSON.parse((await place.rgov(['validate', '--json'])).stdout);
    expect(valid).toBe(false);
    expect(error).toMatchObject({ kind: 'invalid_documents', details: problems });
  });

  it('a remembered catalog does not hide it, and mending it is enough', async () => {
    rmSync(place.ws('policy/more.yaml'));
    expect((await place.rgov(['reconcile'])).code).toBe(0);
    appendFileSync(place.ws('profiles/local-file.yaml'), '  posture: enforce\n');
    const ran = await place.rgov(['reconcile']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('profiles/local-file.yaml:');
  });

  it('rgov run still runs the command: its own failure shows, its success does not hide ours', async () => {
    const failed = await place.rgov(['run', '-s', 'job/x', '--', 'sh', '-c', 'echo out; exit 7']);
    expect(failed).toMatchObject({ code: 7, stdout: 'out\n' });
    expect(place.transcript("rgov run -s job/x -- sh -c 'echo out; exit 7'", failed)).toMatchSnapshot();
    expect((await place.rgov(['run', '-s', 'job/x', '--', 'true'])).code).toBe(2);
    expect(existsSync(place.ws('state'))).toBe(false);
  });
});

it('rgov run runs the command without any workspace, too', async () => {
  const ran = await place.rgov(['run', '-s', 'job/x', '--', 'echo', 'done'], { cwd: '/' });
  expect(ran).toMatchObject({ code: 2, stdout: 'done\n' });
  expect(ran.stderr).toContain('the command runs, but nothing of it is recorded: no workspace here');
});
