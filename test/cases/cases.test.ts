import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { NotifyRule, ResolvedSender } from '../../src/model/catalog.ts';
import type { EventDraft } from '../../src/model/event.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Liveness } from '../../src/model/snapshot.ts';
import { filesBelow } from '../support/files.ts';
import { accept, catalogOf, failedRun, notifyRule, resolvedSender, World } from '../support/world.ts';

/** What `case.yaml` says; see CONTRIBUTING.md, "Golden cases". */
interface Case {
  description: string;
  posture?: 'observe' | 'notify' | 'enforce';
  rules?: Partial<NotifyRule>[];
  sender?: Partial<ResolvedSender>;
  targets?: Record<string, { sender: string }>;
  passes: CasePass[];
}

interface CasePass {
  at: string;
  /** Recorded at that moment, before the pass; each is a failed run of job/nightly-backup but for what it says. */
  events?: (Partial<EventDraft> & { id: string })[];
  /** What the sender answers, attempt by attempt; `hangs` is a process that dies there. Beyond the list: accepted. */
  outcomes?: (Outcome | 'hangs')[];
  owner?: string;
  /** What is found out about owners of other passes. */
  owners?: Liveness;
  /** How many messages went out in this pass. */
  sends: number;
  /** `ms` to the next step, from the report. */
  nextDueIn?: number | null;
}

const here = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('golden cases', () => {
  it('are discovered', () => expect(names.length).toBeGreaterThanOrEqual(15));

  it.each(names)('%s', async (name) => {
    const folder = join(here, name);
    const given = parse(readFileSync(join(folder, 'case.yaml'), 'utf8')) as Case;
    const world = new World();
    try {
      world.copyFrom(join(folder, 'given'));
      for (const [i, pass] of given.passes.entries()) await runOne(world, given, pass, i);
      compare(join(folder, 'expected'), world);
      const settled = world.files();
      const last = given.passes.at(-1) as CasePass;
      const before = world.sent.length;
      await world.pass({ catalog: catalogOfCase(given), now_ms: Date.parse(last.at), nonce: 'again', livenessOf: () => last.owners ?? 'alive' });
      expect(world.sent.length, 'messages of one more pass').toBe(before);
      expect(world.files(), 'one more pass writes nothing').toEqual(settled);
    } finally {
      world.remove();
    }
  });
});

function catalogOfCase(given: Case) {
  return catalogOf({
    ...(given.posture ? { posture: given.posture } : {}),
    rules: (given.rules ?? [{}]).map(notifyRule),
    senders: { hook: resolvedSender(given.sender) },
    ...(given.targets ? { targets: given.targets } : {}),
  });
}

async function runOne(world: World, given: Case, pass: CasePass, i: number): Promise<void> {
  const now_ms = Date.parse(pass.at);
  if (pass.events)
    await world.record(
      pass.events.map(({ id, ...parts }) => failedRun(id, parts)),
      now_ms,
    );
  const before = world.sent.length;
  const outcomes = [...(pass.outcomes ?? [])];
  const hangs = outcomes.includes('hangs');
  const running = world.pass({
    now_ms,
    catalog: catalogOfCase(given),
    nonce: pass.owner ?? String(i),
    livenessOf: () => pass.owners ?? 'dead',
    send: (attempt) => {
      const next = outcomes.shift();
      return next === 'hangs' ? new Promise(() => {}) : (next ?? accept(attempt));
    },
  });
  if (!hangs) {
    const report = await running;
    if (pass.nextDueIn !== undefined)
      expect(report.nextDue_ms === null ? null : report.nextDue_ms - now_ms, `next step after pass ${i + 1}`).toBe(pass.nextDueIn);
  } else await expect.poll(() => world.sent.length, { timeout: 20_000 }).toBe(before + pass.sends);
  expect(world.sent.length - before, `messages of pass ${i + 1}`).toBe(pass.sends);
}

/** UPDATE_GOLDEN=1 writes what came out; read the difference before you commit it. */
function compare(expected: string, world: World): void {
  if (process.env['UPDATE_GOLDEN'] === '1') {
    rmSync(expected, { recursive: true, force: true });
    mkdirSync(expected, { recursive: true });
    for (const [path, text] of Object.entries(world.files())) {
      mkdirSync(dirname(join(expected, path)), { recursive: true });
      writeFileSync(join(expected, path), text);
    }
  }
  if (!existsSync(expected)) throw new Error(`there is no ${expected}; make it with UPDATE_GOLDEN=1 and read it`);
  expect(world.files()).toEqual(filesBelow(expected));
}
