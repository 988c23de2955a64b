import { afterAll, beforeAll, expect, it } from 'vitest';
import { Place } from '../support/cli.ts';

let place: Place;
beforeAll(async () => {
  place = await Place.initialised();
  await place.rgov(['run', '-s', 'job/x', '--', 'false']);
});
afterAll(() => place.remove());

/** The keys of a document and the types of what stands there: what programs rely on. Lists are shown by their first item. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
  return value === null ? null : typeof value;
}

// In this order, each sees what the ones before it left.
it.each([
  ['init --json .', 0],
  ['validate --json', 0],
  ['status --json', 1],
  ['plan --json', 0],
  ['report failed -s job/y --id 1 --json', 0],
  ['report failed -s job/y --id 1 --summary other --json', 1],
  ['reconcile --json', 0],
  ['reconcile --json ', 0],
  ['status --json ', 1],
  ['explain run.failed_job.x --json', 0],
  ['ack failure-reaches --by alice --json', 2],
  ['explain nothing-such --json', 3],
])('rgov %s has the keys that it always had', async (command, code) => {
  const ran = await place.rgov(command.trim().split(' '));
  expect(ran).toMatchObject({ code, stderr: '' });
  expect(shape(JSON.parse(ran.stdout))).toMatchSnapshot();
});

it('ingest and ack too', async () => {
  const input = '{"specversion":"1.0","id":"1","source":"s","type":"run.failed","subject":"job/z"}\n{}\n';
  const ingested = await place.rgov(['ingest', 'cloudevents', '--json'], { input });
  expect(ingested.code).toBe(1);
  expect(shape(JSON.parse(ingested.stdout))).toMatchSnapshot();
  const [notice] = place.artifacts('queue');
  const acked = await place.rgov(['ack', notice?.['id'], '--by', 'alice', '--json']);
  expect(shape(JSON.parse(acked.stdout))).toMatchSnapshot();
});
