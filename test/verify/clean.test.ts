import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verify } from '../../src/run/verify/index.ts';
import { namesBelow } from '../support/hostile-things.ts';
import { FIRST, SECOND, THIRD, TODAY, Trail } from './state.ts';

const trail = new Trail();
beforeAll(async () => {
  await trail.make();
});
afterAll(() => trail.remove());

const state = (): string => trail.layout.root;

describe('a state that the program made', () => {
  it('holds everything that can happen', () => {
    const kinds = [
      '.reopened.json',
      '.deferred.json',
      '.claimed.json',
      '.blocked.json',
      '.pending_external_send.json',
      '_notice.bounced_',
      '_notice.test_',
    ];
    const raised = ['_notice.overdue_', '_notice.confirmed_', 'quarantine/', 'archives/', 'seals/'];
    for (const part of [...kinds, ...raised])
      expect(
        trail.paths().some((path) => path.includes(part)),
        part,
      ).toBe(true);
  });

  it('has nothing amiss, and what cannot be known is said', async () => {
    const report = await verify({ state: state() });
    expect(report).toMatchObject({
      ok: true,
      findings: [],
      days: { verified: 4, from: FIRST, through: TODAY },
      seals: { count: 3, from: FIRST, through: THIRD },
      // The seal of the third day names the first archive; the second was made after that.
      archives: { count: 2, opened: 1 },
      quarantined: 1,
      undetectable: { notSealedFrom: TODAY },
    });
    expect(report.undetectable.artifacts).toBeGreaterThan(90);
    expect(report.artifacts.vouched).toBeGreaterThan(15);
  });

  it('has nothing amiss inside its archives either', async () => {
    const [shallow, deep] = [await verify({ state: state() }), await verify({ state: state(), deep: true })];
    expect(deep).toMatchObject({ ok: true, findings: [], archives: { count: 2, opened: 2 } });
    expect(deep.artifacts).toEqual({ read: shallow.artifacts.read + shallow.artifacts.vouched, vouched: 0 });
  });

  it('is left exactly as it was', async () => {
    const before = namesBelow(state());
    await verify({ state: state(), deep: true });
    expect(namesBelow(state())).toEqual(before);
  });
});

describe('a part of it', () => {
  it.each([
    ['one day', { day: THIRD }, 1],
    ['a day and those after it', { since: SECOND }, 3],
  ])('%s', async (_, part, verified) => {
    expect(await verify({ state: state(), ...part })).toMatchObject({ ok: true, days: { verified }, seals: { count: 3 } });
  });

  it('that is not there', async () => {
    await expect(verify({ state: state(), day: '2020-01-01' })).rejects.toMatchObject({ kind: 'not_found' });
    await expect(verify({ state: `${state()}/nowhere` })).rejects.toMatchObject({ kind: 'not_found' });
  });
});

it('counts files for whoever watches', async () => {
  const seen: [number, number][] = [];
  await verify({ state: state(), deep: true, onProgress: (done, total) => seen.push([done, total]) });
  expect(seen.length).toBeGreaterThanOrEqual(4);
  expect(seen.every(([done, total], i) => done <= total && total === seen[0]?.[1] && done >= (seen[i - 1]?.[0] ?? 0))).toBe(true);
  expect(seen.at(-1)?.[0]).toBe(seen.at(-1)?.[1]);
});
