/** What is checked, in the order in which a report shows it. */
const CHECKS = ['node', 'documents', 'state', 'file-system', 'room', 'clock', 'watching', 'git', 'secrets', 'senders', 'schedule'] as const;
export type CheckName = (typeof CHECKS)[number];

/** One thing that is amiss, with what mends it: a command or an edit, word for word. */
export interface Finding {
  check: CheckName;
  /** What is amiss, and what comes of it. */
  problem: string;
  mend: string;
}

/** What came of one check. */
export interface CheckResult {
  check: CheckName;
  /** `ok`: looked at, and nothing is amiss. `skipped`: could not be looked at here, which is said and is no finding. */
  status: 'ok' | 'amiss' | 'skipped';
  /** What was found out, in a line. */
  detail: string;
  findings: Finding[];
}

export const fine = (check: CheckName, detail: string): CheckResult => ({ check, status: 'ok', detail, findings: [] });
export const skipped = (check: CheckName, detail: string): CheckResult => ({ check, status: 'skipped', detail, findings: [] });

/** `detail` is what is said where nothing is amiss. */
export function resultOf(check: CheckName, detail: string, found: readonly Omit<Finding, 'check'>[]): CheckResult {
  if (found.length === 0) return fine(check, detail);
  return { check, status: 'amiss', detail, findings: found.map((finding) => ({ check, ...finding })) };
}
