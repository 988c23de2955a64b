import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Layout } from '../../store/layout.ts';
import { report } from '../intake.ts';
import { recordPass } from '../last-pass.ts';
import { REHEARSAL, WITNESS, type WitnessLine } from './rehearsal.ts';

const POLICY = `apiVersion: reporting-governance/v1
kind: PolicyPack
metadata: { name: self-test, version: 1.0.0 }
spec:
  notify:
    - id: nothing
      when: event.type == "run.failed"
      target: nobody
      within: 1h
      requires: acknowledged
  gates:
    - id: self-test
      reason: This is a self-test.
      action: "true"
      requires: { evidence: acknowledged, within: 24h }
`;
const PROFILE = `apiVersion: reporting-governance/v1
kind: Profile
metadata: { name: self-test, version: 1.0.0 }
spec:
  posture: enforce
  policy: [self-test]
  requires: acknowledged
  binding: { targets: [nobody] }
`;
const BINDING = `apiVersion: reporting-governance/v1
kind: RuntimeBinding
metadata: { name: default }
spec:
  profile: self-test
  state: state
  targets: { nobody: { sender: inbox } }
  senders: { inbox: { use: file, with: { directory: ./notices } } }
`;

/** A throw-away workspace whose one gate stands before everything. */
export interface Stage {
  /** For the environment of what is tried. */
  env: Record<string, string>;
  /** The answers that were given since the last time. */
  answers(): WitnessLine[];
  remove(): void;
}

/** `closed`: one failure is recorded there of which nobody has heard; `open`: nothing is. Both are in posture enforce. */
export async function makeStage(kind: 'open' | 'closed'): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), `rgov-self-test-${kind}-`));
  for (const folder of ['policy', 'profiles', 'bindings', 'state']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'policy/self-test.yaml'), POLICY);
  writeFileSync(join(root, 'profiles/self-test.yaml'), PROFILE);
  writeFileSync(join(root, 'bindings/default.yaml'), BINDING);
  const now_ms = Date.now();
  // Somebody watches there: what is not watched is closed, too.
  recordPass(new Layout(join(root, 'state')), now_ms, now_ms, null);
  if (kind === 'closed') await report({ workspace: root, word: 'failed', subject: 'job/rgov-self-test', data: {} });
  return {
    env: { [REHEARSAL]: root },
    answers: () => takeLines(join(root, WITNESS)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function takeLines(file: string): WitnessLine[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    rmSync(file);
    return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line) as WitnessLine]));
  } catch {
    // Nobody has asked.
    return [];
  }
}
