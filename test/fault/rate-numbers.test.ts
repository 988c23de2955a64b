import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Layout } from '../../src/store/layout.ts';
import { takeTurn } from '../../src/store/rate.ts';
import { NOON_MS } from '../support/world.ts';

it.each(['9007199254740991', '9007199254740992', '1000000000000000', '1e15', '-5', 'no number'])('a file called %s shuts no sender up', (name) => {
  const root = mkdtempSync(join(tmpdir(), 'rgov-rate-'));
  try {
    const layout = new Layout(join(root, 'state'));
    const folder = join(layout.rates, 'hook');
    mkdirSync(folder, { recursive: true });
    if (name.length % 2 === 0) symlinkSync('1', join(folder, name));
    else writeFileSync(join(folder, name), '');
    const turns = [0, 1, 2].map(() => takeTurn(layout, 'hook', { count: 2, per_ms: 60_000 }, NOON_MS));
    expect(turns).toEqual([null, null, NOON_MS + 60_000]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
