import type { ValidateFunction } from 'ajv';
import type { ConfigProblem } from '../model/config-problem.ts';
import type { Ceiling } from '../model/evidence.ts';

/** What the catalog must know of a built-in sender to check its bindings. */
export interface SenderKindInfo {
  kind: string;
  /** No binding of this kind may claim more. */
  maxCeiling: Ceiling;
  /** False: no binding may claim that receivers ignore a repeated key. */
  canBeIdempotent: boolean;
  defaultTimeLimit_ms: number;
  defaultConcurrency: number;
  /** Validator of the settings (`with:`). */
  configValidator(): Promise<ValidateFunction>;
  /** What no schema can check; asked only of settings that the schema has nothing against. See {@link ConfigProblem}. */
  configProblems?(config: Record<string, unknown>, complete: boolean): Promise<ConfigProblem[]>;
}
