import type { Gate } from '../../model/catalog.ts';
import type { GatedAction } from '../../model/cel-gates.ts';
import { messageOf, RgovError } from '../../model/errors.ts';
import type { EvidenceLevel } from '../../model/evidence.ts';
import { plainAnswer } from '../../model/gate-shortcut.ts';
import { readLastPass, watchAge } from '../last-pass.ts';
import type { WorkspaceOptions } from '../locate.ts';
import { openLastValidWorkspace, type Workspace } from '../workspace.ts';
import type { GateAnswer } from './answer.ts';
import { isExempt } from './exempt.ts';
import { ownCommand } from './own-command.ts';
import { rehearsal } from './rehearsal.ts';
import type { Unproved } from './unproved.ts';

export interface GateOptions extends WorkspaceOptions {
  about: GatedAction;
}

/** More of them tell nobody anything. */
const MAX_NOTICES = 20;

/**
 * Whether an action may go on, from the files alone. Where that cannot be told, because documents are invalid or state cannot be read, the answer
 * is no in posture enforce, and yes with a warning in any other. Throws only where there is no workspace at all.
 */
export async function askGate({ about, ...asked }: GateOptions, clock: () => number = Date.now): Promise<GateAnswer> {
  const staged = rehearsal();
  const options = staged ?? asked;
  const answer = await answerFor(about, options, clock);
  return staged === null ? answer : staged.noted(answer, asked);
}

async function answerFor(about: GatedAction, options: WorkspaceOptions, clock: () => number): Promise<GateAnswer> {
  const answer: GateAnswer = {
    open: true,
    posture: 'unknown',
    subject: about.subject,
    action: about.action,
    exempt: false,
    held: [],
    warnings: [],
    hints: [],
  };
  if (isExempt(about, ownCommand(options))) return { ...answer, exempt: true };
  let workspace: Workspace;
  try {
    const found = await openLastValidWorkspace(options);
    workspace = found.workspace;
    answer.posture = workspace.catalog.posture;
    if (found.problems.length > 0)
      return unknowable(answer, `the declared documents are not valid (${found.problems.length}); those of before were asked`, 'rgov validate');
  } catch (error) {
    if (error instanceof RgovError && error.kind === 'usage') throw error;
    return unknowable(answer, messageOf(error), 'rgov validate');
  }
  try {
    const gates = await standingBefore(workspace.catalog.gates, about);
    if (gates.length === 0) return answer;
    const { judgeNotices } = await import('./judge.ts');
    for (const { gate, cannotTell } of gates) {
      const held = cannotTell === null ? await judgeNotices(workspace, gate, about.subject, clock()) : { notices: [], cannotTell };
      if (held.notices.length === 0 && held.cannotTell === null) continue;
      const { pack, id, reason, evidence } = gate;
      const notices = held.notices.slice(0, MAX_NOTICES);
      answer.held.push({ pack, id, reason, evidence, notices, moreNotices: held.notices.length - notices.length, cannotTell: held.cannotTell });
    }
    const unwatched = answer.held.length === 0 ? whyUnwatched(workspace, clock()) : null;
    if (unwatched !== null) return unknowable(answer, `${unwatched}, so that there may be more to be told than is known`, 'rgov reconcile');
  } catch (error) {
    return unknowable(answer, messageOf(error), 'rgov doctor');
  }
  return decided(answer);
}

/** Why nobody can be said to have watched; null if somebody has. Where state was taken away, no pass is recorded either. */
function whyUnwatched({ catalog, layout }: Workspace, now_ms: number): string | null {
  if (catalog.gapAfter_ms === null) return null;
  const { late, detail } = watchAge(readLastPass(layout), catalog.gapAfter_ms, now_ms);
  return late ? detail : null;
}

interface Standing {
  gate: Gate;
  cannotTell: string | null;
}

async function standingBefore(gates: readonly Gate[], about: GatedAction): Promise<Standing[]> {
  const standing: Standing[] = [];
  for (const gate of gates) {
    try {
      if (plainAnswer(gate.action, about) ?? (await evaluate(gate.action, about))) standing.push({ gate, cannotTell: null });
    } catch (error) {
      // What cannot be judged may be what the gate is there for.
      standing.push({ gate, cannotTell: `its condition cannot be evaluated: ${messageOf(error)}` });
    }
  }
  return standing;
}

async function evaluate(condition: string, about: GatedAction): Promise<boolean> {
  const { compileAction } = await import('../../model/cel-gates.ts');
  const compiled = compileAction(condition);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.evaluate(about) === true;
}

/** What holds an action back does so where the profile enforces it; elsewhere it is said, loudly. */
function decided(answer: GateAnswer): GateAnswer {
  if (answer.held.length === 0) return answer;
  const hints = answer.held.flatMap(({ evidence, notices }) => notices.slice(0, 3).map((notice) => whatOpens(notice, evidence)));
  const isOpen = answer.posture !== 'enforce';
  const warnings = isOpen ? [...answer.warnings, `posture ${answer.posture}: in posture enforce this would be held back`] : answer.warnings;
  return { ...answer, open: isOpen, warnings, hints: [...new Set([...answer.hints, ...hints])] };
}

function whatOpens({ notice, about }: Unproved, evidence: EvidenceLevel): string {
  // An event that nobody has decided yet comes to a notice, or to none.
  if (about.rule === '') return 'rgov reconcile';
  return evidence === 'acknowledged' ? `rgov ack ${notice} --by NAME` : `rgov explain ${notice}`;
}

function unknowable(answer: GateAnswer, why: string, hint: string): GateAnswer {
  const isOpen = answer.posture === 'notify' || answer.posture === 'observe';
  return { ...answer, open: isOpen, warnings: [...answer.warnings, why], hints: [...answer.hints, hint] };
}
