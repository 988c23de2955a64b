import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Place } from '../support/cli.ts';

let place: Place;
let notice: string;
beforeAll(async () => {
  place = await Place.initialised();
  await place.sh('rgov run -s job/x -- false; rgov run -s job/y -- true; rgov reconcile');
  notice = place.artifacts('queue')[0]?.['id'];
});
afterAll(() => place.remove());

const pathIn = (stage: string): string =>
  `state/${Object.keys(place.state()).find((path) => path.startsWith(`${stage}/`) && path.includes(notice.slice(-12)))}`;

describe('explain finds a notice by', () => {
  const whole = async (id: string) => JSON.parse((await place.rgov(['explain', '--json', id])).stdout).notices[0].name;
  it('its name', async () => expect(await whole(notice)).toBe(notice));
  it('the hash at the end', async () => expect(await whole(notice.slice(-12))).toBe(notice));
  it('a part of the hash', async () => expect(await whole(notice.slice(-7))).toBe(notice));
  it('its path', async () => expect(await whole(pathIn('queue'))).toBe(notice));
  it('its absolute path', async () => expect(await whole(place.ws(pathIn('queue')))).toBe(notice));
  it('its file name', async () => expect(await whole(`${notice}.json`)).toBe(notice));
  it("a handoff's path", async () => expect(await whole(pathIn('handoffs'))).toBe(notice));
  it("a handoff's name", async () => expect(await whole(`${notice}.1`)).toBe(notice));
  it("a receipt's path", async () => expect(await whole(pathIn('receipts'))).toBe(notice));
  it("a receipt's name", async () => expect(await whole(`${notice}.1.pending_external_send`)).toBe(notice));
  it('the name of its event', async () => expect(await whole('run.failed_job.x')).toBe(notice));
});

describe('what is not found', () => {
  it('is exit code 3 with what to look at', async () => {
    const ran = await place.rgov(['explain', 'no-such-thing']);
    expect(ran.code).toBe(3);
    expect(place.transcript('rgov explain no-such-thing', ran)).toMatchSnapshot();
  });

  it.each(['', '/', '.json', '1', 'acked', 'pending', '../../etc/passwd', `x${'y'.repeat(100_000)}`])('part %# stands for nothing', async (part) => {
    const ran = await place.rgov(['ack', part, '--by', 'alice']);
    expect([2, 3]).toContain(ran.code);
    expect(ran.stderr.length).toBeLessThan(1500);
  });

  it('lists the candidates of an ambiguous part', async () => {
    const ran = await place.rgov(['explain', 'job.']);
    expect(ran.code).toBe(2);
    expect(place.transcript('rgov explain job.', ran)).toMatchSnapshot();
    const { error } = JSON.parse((await place.rgov(['explain', 'job.', '--json'])).stdout);
    expect(error.details).toHaveLength(4);
  });

  it('an event of another kind is no notice to acknowledge', async () => {
    const ran = await place.rgov(['ack', 'run.succeeded_job.y', '--by', 'alice']);
    expect(ran.code).toBe(3);
  });
});

it('explains why nothing was asked for', async () => {
  const ran = await place.rgov(['explain', 'run.succeeded_job.y']);
  expect(place.transcript('rgov explain run.succeeded_job.y', ran)).toMatchSnapshot();
});

it('an acknowledgement needs a name', async () => {
  expect((await place.rgov(['ack', notice, '--by', ' '])).code).toBe(2);
  expect((await place.rgov(['ack', notice])).code).toBe(2);
});
