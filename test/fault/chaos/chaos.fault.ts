import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PROGRAM } from '../../support/cli.ts';
import { keepFigures } from '../support/figures.ts';
import { seedOfRun } from './random.ts';
import { playChaos } from './stage.ts';

const NOTICES = Number(process.env['RGOV_CHAOS_NOTICES'] ?? 1_000);
const KILLS = Math.ceil(NOTICES / 10);

it(`keeps every promise while ${KILLS} reconcilers are killed over ${NOTICES} notices, emitters die, humans interfere and the receiver is moody`, async () => {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run npm run build first`);
  const seed = seedOfRun();
  console.log(`RGOV_TEST_SEED=${seed}`);
  const { violations, rows } = await playChaos({ program: PROGRAM, notices: NOTICES, kills: KILLS, seed });
  for (const { what, value } of rows) console.log(`${value} ${what}`);
  expect(violations, `RGOV_TEST_SEED=${seed}`).toEqual([]);
  keepFigures('chaos', {
    title: 'Everything at once',
    about:
      'One `rgov watch`, one `rgov bridge`, and `rgov reconcile` again and again over one state, each of them killed with SIGKILL at random moments, while emitters report, ingest and drop events (and are killed, and say it again), humans acknowledge, retry and confirm, and the receiver is slow, overloaded, rude or not there. Afterwards every promise is checked against the files and the log of the receiver.',
    command: 'npx vitest run --config vitest.fault.config.ts test/fault/chaos/chaos.fault.ts',
    rows,
    skipped: null,
  });
});
