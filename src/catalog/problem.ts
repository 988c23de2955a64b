/** What is wrong with a declared document, as a closed list; programs may rely on these words. */
export type ProblemCode =
  // the file
  | 'unreadable'
  | 'not_a_file'
  | 'symlinked_folder'
  | 'too_many_files'
  | 'too_large'
  | 'not_utf8'
  | 'control_character'
  // YAML
  | 'yaml_syntax'
  | 'too_complex'
  | 'duplicate_key'
  | 'forbidden_key'
  | 'not_finite'
  // the shape
  | 'not_a_document'
  | 'unknown_kind'
  | 'unknown_api_version'
  | 'unknown_key'
  | 'missing_key'
  | 'wrong_type'
  | 'wrong_value'
  // names and references
  | 'duplicate_name'
  | 'duplicate_rule'
  | 'duplicate_expectation'
  | 'missing_reference'
  | 'unknown_sender_kind'
  | 'unknown_adapter'
  | 'target_unbound'
  | 'contract_unmet'
  | 'runtime_not_named'
  | 'runtime_cannot'
  | 'no_binding'
  | 'binding_not_found'
  | 'binding_not_chosen'
  // what documents promise
  | 'ceiling_too_low'
  | 'ceiling_not_provable'
  | 'cannot_be_idempotent'
  | 'bad_duration'
  | 'secret_in_clear'
  // conditions
  | 'bad_expression'
  | 'wrong_expression_type'
  | 'unknown_word'
  | 'never_true'
  // expectations
  | 'wrong_combination'
  | 'bad_subject'
  | 'bad_schedule'
  | 'unknown_timezone'
  | 'never_due'
  | 'never_met'
  | 'grace_too_long'
  | 'gap_too_short'
  | 'escalation_order'
  | 'fallback_to_itself';

/** One thing that is wrong with the declared documents, and where. */
export interface Problem {
  code: ProblemCode;
  /** Relative to the workspace; `package:` stands before the name of a file that belongs to this package. */
  file: string;
  /** Counted from 1; 0 where no line is to blame. */
  line: number;
  /** Counted from 1, in UTF-16 units; 0 where no line is to blame. */
  column: number;
  /** The line itself, without secrets and control characters; empty where no line is to blame. */
  sourceLine: string;
  /** One sentence on one line, without a full stop. */
  message: string;
  /** What would have been right. */
  expected?: string;
  /** The word that was probably meant. */
  suggestion?: string;
}

/** Sorted by file, line and column; each problem once. What else is wrong with a secret in clear does not matter, and would only quote it. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const place = ({ file, line, column }: Problem): string => `${file}:${line}:${column}`;
  const secrets = new Set(problems.filter(({ code }) => code === 'secret_in_clear').map(place));
  const relevant = problems.filter((problem) => problem.code === 'secret_in_clear' || !secrets.has(place(problem)));
  const seen = new Map(relevant.map((problem) => [[problem.file, problem.line, problem.column, problem.code, problem.message].join('\n'), problem]));
  return [...seen.values()].sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.message, b.message));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
