import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, QUICK, type Row, thousands } from './measure.ts';
import { runRgov, timeOf } from './rgov-command.ts';
import { ARTIFACTS_PER_CHAIN, writeSettled } from './settled.ts';
import { removeAll } from './workload.ts';

const RUNS = QUICK ? 3 : 31;
const SIZES = QUICK ? [0, 1_000] : [0, 100_000];
const GOAL = '<= 2.5 of node -e 0';

const GATES = `  gates:
    - id: plain
      action: action == "deploy"
      requires: { notices: "severity >= 'error'", evidence: acknowledged, within: 24h }
    - id: by-input
      action: tool == "Bash" && input.command.contains("deploy")
      requires: { notices: "severity >= 'error' && subject != actor", evidence: acknowledged, within: 24h }
`;
const HOOK = JSON.stringify({
  session_id: 'bench',
  hook_event_name: 'PreToolUse',
  tool_name: 'Bash',
  tool_input: { command: 'make deploy' },
});

interface Case {
  what: string;
  args: readonly string[];
  input?: string;
  code: number;
}

const PLAIN = ['gate', '-s', 'agent/main', '-a'];
const OPEN: Case[] = [
  { what: 'before an action that no gate stands before', args: [...PLAIN, 'build'], code: 0 },
  { what: 'open', args: [...PLAIN, 'deploy'], code: 0 },
];
const CLOSED: Case[] = [
  { what: 'closed', args: [...PLAIN, 'deploy'], code: 1 },
  { what: 'closed, by conditions that need CEL, asked by a hook of Claude Code', args: ['gate', '--claude-code'], input: HOOK, code: 2 },
];

/** One cold start of `rgov gate`, as it stands before every action, in turn with `node -e 0`. */
export async function measureGate(base: string, root: string): Promise<Row[]> {
  const program = join(root, 'dist/rgov.cjs');
  const rows: Row[] = [];
  for (const artifacts of SIZES) {
    const workspace = makeWorkspace(base, program);
    if (artifacts > 0) {
      console.log(`making ${thousands(artifacts)} artifacts ...`);
      writeSettled(join(workspace, 'state'), artifacts / ARTIFACTS_PER_CHAIN);
    }
    runRgov(program, workspace, ['reconcile']);
    await sleep(2_500);
    const beside = artifacts === 0 ? 'on an empty tree' : `beside ${thousands(artifacts)} settled artifacts`;
    rows.push(...OPEN.map((one) => measure(program, workspace, one, beside)));
    runRgov(program, workspace, ['report', 'failed', '--subject', 'job/x']);
    runRgov(program, workspace, ['reconcile']);
    rows.push(...CLOSED.map((one) => measure(program, workspace, one, beside)));
    removeAll(workspace);
  }
  return rows;
}

function makeWorkspace(base: string, program: string): string {
  const workspace = mkdtempSync(join(base, 'gate-'));
  runRgov(program, workspace, ['init', '.']);
  const edit = (path: string, change: (text: string) => string): void =>
    writeFileSync(join(workspace, path), change(readFileSync(join(workspace, path), 'utf8')));
  edit('policy/unattended-work.yaml', (text) => `${text.trimEnd()}\n${GATES}`);
  edit('profiles/local-file.yaml', (text) => text.replace(/posture: \w+/, 'posture: enforce'));
  return workspace;
}

function measure(program: string, workspace: string, { what, args, input = '', code }: Case, beside: string): Row {
  const gates: number[] = [];
  const ratios: number[] = [];
  for (let i = -1; i < RUNS; i++) {
    const bare = timeOf(workspace, process.execPath, ['-e', '0']);
    const before = process.hrtime.bigint();
    const { status } = spawnSync(process.execPath, [program, ...args], { cwd: workspace, input, stdio: ['pipe', 'ignore', 'ignore'] });
    const gate = Number(process.hrtime.bigint() - before) / 1e6;
    if (status !== code) throw new Error(`rgov ${args.join(' ')}: exit code ${status}, not ${code}`);
    if (i < 0) continue;
    gates.push(gate);
    ratios.push(gate / bare);
  }
  const spread = `${Math.min(...gates).toFixed(1)} .. ${Math.max(...gates).toFixed(1)} ms`;
  return {
    what: `cold gate, ${what}, ${beside}`,
    median: `${median(gates).toFixed(1)} ms`,
    spread,
    ratio: `${median(ratios).toFixed(2)} of node -e 0`,
    goal: GOAL,
  };
}
