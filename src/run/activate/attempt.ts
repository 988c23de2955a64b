import { RgovError } from '../../model/errors.ts';

/** What can be said, or why it cannot: `--remove` works all the same. */
export function attempt<T>(otherwise: T, work: () => T): { value: T; refusal: RgovError | null } {
  try {
    return { value: work(), refusal: null };
  } catch (error) {
    if (error instanceof RgovError) return { value: otherwise, refusal: error };
    throw error;
  }
}
