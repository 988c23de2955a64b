import { realpathSync } from 'node:fs';
import { oneLine, truncate } from '../../model/text.ts';
import { type ChildEnd, runChild } from '../child.ts';
import { findWorkspace, type WorkspaceOptions } from '../locate.ts';
import { SHELLS } from './shells/index.ts';
import { exitCodeOf, type Flaw, type Installed, LIMIT_MS, type Surroundings } from './shells/shell.ts';
import { makeStage, type Stage } from './stage.ts';

/** What came of one installation, or of looking for one. */
export interface ShellReport {
  shell: string;
  status: 'fires' | 'does_not_fire' | 'not_installed';
  /** The file, and which of several in it; empty if it is not installed. */
  where: string;
  /** Why it does not fire; empty otherwise. */
  why: string;
  /** What mends it, or installs it. */
  mend: string;
  notes: readonly string[];
}

export interface SelfTestReport {
  /** Every shell that is installed fires. */
  ok: boolean;
  shells: ShellReport[];
}

interface Stages {
  open: Stage;
  closed: Stage;
}

/**
 * Runs the command line of every shell that is installed for this workspace twice, as its runtime would: once where the gate is certainly closed, once
 * where it is certainly open. Both answer from throw-away workspaces; nothing of the real state is read or written.
 */
export async function selfTest(options: WorkspaceOptions, env: NodeJS.ProcessEnv = process.env): Promise<SelfTestReport> {
  const surroundings = await surroundingsOf(findWorkspace(options), env);
  const stages = { open: await makeStage('open'), closed: await makeStage('closed') };
  try {
    const shells: ShellReport[] = [];
    for (const { name, install, find } of SHELLS) {
      const found = await find(surroundings);
      if (found.length === 0) shells.push({ shell: name, status: 'not_installed', where: '', why: '', mend: install, notes: [] });
      for (const installed of found) shells.push(reportOf(name, installed, installed.flaw ?? (await tryOut(installed, stages, surroundings))));
    }
    return { ok: shells.every(({ status }) => status !== 'does_not_fire'), shells };
  } finally {
    stages.open.remove();
    stages.closed.remove();
  }
}

async function surroundingsOf(root: string, env: NodeJS.ProcessEnv): Promise<Surroundings> {
  const own = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const asked = await runChild(['git', 'rev-parse', '--show-toplevel'], { cwd: root, env: own, limit_ms: LIMIT_MS });
  return { root, repository: exitCodeOf(asked) === 0 ? asked.output.toString().replace(/\n$/, '') : null, env: own };
}

function reportOf(shell: string, { where, notes = [] }: Installed, flaw: Flaw | null): ShellReport {
  return { shell, status: flaw === null ? 'fires' : 'does_not_fire', where, why: flaw?.why ?? '', mend: flaw?.mend ?? '', notes };
}

async function tryOut(installed: Installed, { open, closed }: Stages, { root }: Surroundings): Promise<Flaw | null> {
  const held = await installed.run(closed.env);
  const [no] = closed.answers();
  const mend = `edit ${installed.where}`;
  if (no === undefined) return { why: `it does not ask the gate: it ${ending(held.end)}`, mend };
  if (!held.holdsBack) return { why: `the gate says no, and it lets the action go on: it ${ending(held.end)}`, mend };
  if (no.workspace === null) return { why: 'it asks no workspace: none is named, and none is found', mend: `name it: rgov -C ${root} gate` };
  if (real(no.workspace) !== real(root)) return { why: `it asks another workspace, ${no.workspace}`, mend: `name it: rgov -C ${root} gate` };
  const passed = await installed.run(open.env);
  if (open.answers().length === 0) return { why: `it does not ask the gate a second time: it ${ending(passed.end)}`, mend };
  if (exitCodeOf(passed.end) !== 0) return { why: `the gate says yes, and it holds the action back all the same: it ${ending(passed.end)}`, mend };
  return null;
}

function ending(end: ChildEnd): string {
  const said =
    'complaint' in end && end.complaint.trim() !== '' ? `, and says: ${truncate(oneLine(end.complaint.trim().split('\n', 1)[0] ?? ''), 200)}` : '';
  switch (end.how) {
    case 'exited':
      return `ends with exit code ${end.status}${said}`;
    case 'killed':
      return `is ended by ${end.by}${said}`;
    case 'not_started':
      return `cannot be started (${end.code})`;
    case 'timed_out':
      return 'takes longer than it may';
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
