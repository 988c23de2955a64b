import { afterEach, beforeEach, expect, it } from 'vitest';
import { catalogOf, NOON_MS, World } from '../../test/support/world.ts';
import { sha256 } from '../model/hash.ts';
import { Publisher } from '../store/publish.ts';
import { formatSeal } from '../store/seals.ts';
import { raiseGap } from './gap.ts';
import { recordPass } from './last-pass.ts';

const DAY_MS = 86_400_000;

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.remove());

async function raise(): Promise<number> {
  const workspace = { root: world.root, layout: world.layout, catalog: catalogOf({ gapAfter_ms: 60_000 }) };
  const { created } = await raiseGap(workspace, new Publisher(world.layout, 'one'), NOON_MS + 3 * DAY_MS);
  return created.length;
}

it('an absence is told once, although its day was sealed before another process that has noticed it comes to say so', async () => {
  recordPass(world.layout, NOON_MS, NOON_MS, null);
  expect(await raise()).toBe(1);
  const [path = ''] = world.paths();
  const artifacts = [{ sha256: sha256(world.files()[path] ?? ''), path }];
  world.write('seals/2026-11-22.sha256', formatSeal({ previous: null, archives: [], artifacts }));
  expect(await raise()).toBe(0);
});
