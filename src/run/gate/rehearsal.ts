import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { findWorkspace, type WorkspaceOptions } from '../locate.ts';
import type { GateAnswer } from './answer.ts';

/** Names the workspace of a self-test in the environment of a shell that is tried out. */
export const REHEARSAL = 'RGOV_GATE_SELF_TEST';
/** The answers that were given in it, one a line. */
export const WITNESS = 'answers.ndjson';

export interface WitnessLine {
  open: boolean;
  /** The one that would have been asked otherwise; null if there is none. */
  workspace: string | null;
}

export interface Rehearsal {
  /** It is asked instead of any other. */
  workspace: string;
  /** The answer as it is given, which no longer looks like one of the real workspace; it is written down that it was given. */
  noted(answer: GateAnswer, asked: WorkspaceOptions): GateAnswer;
}

/**
 * Whether this gate is asked by `rgov gate --self-test`, which runs the very command lines that are installed, and may touch nothing that is real. Who
 * sets the environment of a shell can lead it elsewhere by this, as they can by PATH; it is never done in silence.
 */
export function rehearsal(env: NodeJS.ProcessEnv = process.env): Rehearsal | null {
  const workspace = env[REHEARSAL];
  if (workspace === undefined || workspace === '') return null;
  return {
    workspace,
    noted(answer, asked) {
      const line: WitnessLine = { open: answer.open, workspace: workspaceOrNull(asked) };
      appendFileSync(join(workspace, WITNESS), `${JSON.stringify(line)}\n`);
      return { ...answer, warnings: [...answer.warnings, `this answer is for a self-test alone, from ${workspace}: ${REHEARSAL} is set`] };
    },
  };
}

function workspaceOrNull(asked: WorkspaceOptions): string | null {
  try {
    return findWorkspace(asked);
  } catch {
    return null;
  }
}
