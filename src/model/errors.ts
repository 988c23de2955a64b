/** What went wrong, in kinds; the kind alone picks the exit code. */
export type ErrorKind = 'negative' | 'usage' | 'invalid_documents' | 'not_found' | 'state_io' | 'internal';

/** Stable exit codes; see README, "Exit codes". */
export const EXIT_CODES: Record<ErrorKind, number> = {
  negative: 1,
  usage: 2,
  invalid_documents: 2,
  not_found: 3,
  state_io: 4,
  internal: 70,
};

interface ErrorParts {
  expected?: string;
  /** The next command or edit that helps, word for word. */
  hint?: string;
  cause?: unknown;
  /** For programs: problems found, conflicts, and the like. */
  details?: unknown;
}

/** The one error type. `message` says what failed; the parts say what was expected and what to do next. */
export class RgovError extends Error {
  readonly kind: ErrorKind;
  readonly expected: string | undefined;
  readonly hint: string | undefined;
  readonly details: unknown;

  constructor(kind: ErrorKind, message: string, parts: ErrorParts = {}) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'RgovError';
    this.kind = kind;
    this.expected = parts.expected;
    this.hint = parts.hint;
    this.details = parts.details;
  }

  get exitCode(): number {
    return EXIT_CODES[this.kind];
  }
}

export function isErrno(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && (codes.length === 0 || codes.includes(String(error.code)));
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
