import type { Attempt } from '../../model/outcome.ts';
import type { AttemptSecrets, Setting } from '../attempt-secrets.ts';

/** What a program needs to run and to speak the user's language; everything else may be a secret that is none of its business. */
const PASSED_ON = /^(PATH|HOME|LANG|LC_[A-Z]+|TZ|TMPDIR)$/;

/** The whole environment of the child: a little of `ours`, the settings, and what the attempt is about. */
export function childEnvironment(
  ours: Record<string, string | undefined>,
  settings: Record<string, Setting>,
  attempt: Attempt,
  secrets: AttemptSecrets,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(ours)) if (value !== undefined && PASSED_ON.test(name)) environment[name] = value;
  for (const [name, setting] of Object.entries(settings)) environment[name] = secrets.reveal(setting);
  return {
    ...environment,
    RGOV_NOTICE_ID: attempt.notice.id,
    RGOV_IDEMPOTENCY_KEY: attempt.idempotencyKey,
    RGOV_ATTEMPT: String(attempt.number),
    RGOV_TARGET: attempt.notice.target,
    RGOV_ADDRESS: attempt.address ?? '',
  };
}
