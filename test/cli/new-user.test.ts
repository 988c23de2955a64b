import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Place } from '../support/cli.ts';

// One story from an empty folder to a proved notice; each step needs the ones before it.
describe('a new user', () => {
  let place: Place;
  beforeAll(() => {
    place = new Place();
  });
  afterAll(() => place.remove());

  const shows = async (command: string, code: number): Promise<void> => {
    const ran = await place.sh(command);
    expect(ran.code, ran.stderr).toBe(code);
    expect(place.transcript(command, ran)).toMatchSnapshot();
  };

  it('makes a workspace', () => shows('rgov init ws', 0));
  it('may make it again and keeps what was edited', async () => {
    const policy = place.ws('policy/unattended-work.yaml');
    const edited = readFileSync(policy, 'utf8').replace('within: 10m', 'within: 5m');
    writeFileSync(policy, edited);
    await shows('rgov init', 0);
    expect(readFileSync(policy, 'utf8')).toBe(edited);
  });
  it('checks the documents', () => shows('rgov validate', 0));
  it('sees that nobody watches yet', () => shows('rgov status', 1));
  it('runs a job that fails', () => shows("rgov run --subject job/nightly-backup -- sh -c 'echo no space left on device >&2; exit 3'", 3));
  it('is not told that all is well before a pass has looked', () => shows('rgov status', 1));
  it('sees what a pass would do, and nothing is written', async () => {
    const before = place.state();
    await shows('rgov plan', 0);
    expect(place.state()).toEqual(before);
    expect(existsSync(place.ws('notices'))).toBe(false);
  });
  it('lets the pass do it', () => shows('rgov reconcile', 0));
  it('hears nothing from a second pass, which writes nothing', async () => {
    const before = place.state();
    await shows('rgov reconcile', 0);
    expect(place.state()).toEqual(before);
  });
  it('finds one pending notice, and an exit code that says so', () => shows('rgov status', 1));
  it('reads the whole chain', () => shows('rgov explain run.failed_job.nightly-backup', 0));
  it('acknowledges', () => shows('rgov ack failure-reaches-operator --by alice --note "freed 40 GB"', 0));
  it('may say it twice', () => shows('rgov ack failure-reaches-operator --by alice --note "freed 40 GB"', 0));
  it('sees that nothing needs a human any more', () => shows('rgov status', 0));
  it('still reads the whole chain, with both receipts', () => shows('rgov explain failure-reaches-operator', 0));
  it('finds names that ls can sort and a person can read', () => {
    const names = Object.keys(place.state());
    expect(names.map((name) => place.normal(name))).toMatchSnapshot();
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9._/-]+$/);
  });
});
