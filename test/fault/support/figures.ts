import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../.figures');

/** What one suite has found, as the page on reliability shows it. */
export interface Figures {
  /** Heading on the page. */
  title: string;
  /** What was done and why it is hostile, in a few sentences. */
  about: string;
  /** The command that repeats this suite alone, from the root of the repository. */
  command: string;
  /** One row each: what was counted, and the count. Counts only; nothing that depends on how fast the machine is. */
  rows: { what: string; value: string | number }[];
  /** Why nothing was run here; null if it was. */
  skipped: string | null;
}

/** Keeps what a suite has counted for `npm run reliability`, which makes the page of it. `suite` names the file and orders the page. */
export function keepFigures(suite: string, figures: Figures): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${suite}.json`), `${JSON.stringify(figures, null, 2)}\n`);
}
