import type { ConfigProblem } from '../../model/config-problem.ts';
import { kindOf } from './guard.ts';

/** Entries of `allowHosts` that could never match anything. */
export function hostProblems(allowHosts: readonly string[] = []): ConfigProblem[] {
  return allowHosts.flatMap((entry, index) =>
    kindOf(entry) !== null
      ? []
      : {
          path: ['allowHosts', index],
          message: `${JSON.stringify(entry)} is no host`,
          expected: 'a host name, an address, or a range such as 10.1.0.0/16',
        },
  );
}
