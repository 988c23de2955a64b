/** Something that is wrong with the settings of a sender, as its own code found it. */
export interface ConfigProblem {
  /** Where in the settings. */
  path: (string | number)[];
  /** One sentence without a full stop. */
  message: string;
  expected: string;
  suggestion?: string;
  /** Default: `wrong_value`. */
  code?: 'unknown_key' | 'missing_key' | 'unknown_word' | 'wrong_value' | 'secret_in_clear';
}

/** What a kind's `check.ts` exports. `complete`: the settings are those of a deployment, and nobody will add to them. */
export type CheckConfig = (config: Record<string, unknown>, complete: boolean) => ConfigProblem[];
