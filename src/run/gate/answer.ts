import type { Posture } from '../../model/artifacts.ts';
import type { EvidenceLevel } from '../../model/evidence.ts';
import type { Unproved } from './unproved.ts';

/** A gate that stands before the action, and what keeps it closed. */
export interface HeldGate {
  pack: string;
  id: string;
  reason: string;
  evidence: EvidenceLevel;
  /** The first of them, in order of time. */
  notices: Unproved[];
  moreNotices: number;
  /** Why it is closed whatever is proved: nobody can tell. */
  cannotTell: string | null;
}

export interface GateAnswer {
  /** Whether the action may go on. */
  open: boolean;
  posture: Posture | 'unknown';
  subject: string;
  action: string;
  /** It is the reporting path itself. */
  exempt: boolean;
  /** Those that would hold it back; they do so in posture enforce alone. */
  held: HeldGate[];
  /** What somebody must look at, whether or not it is open. */
  warnings: string[];
  /** The next commands that help, word for word. */
  hints: string[];
}
