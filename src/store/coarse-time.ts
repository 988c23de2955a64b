/** Clocks of file systems tick coarsely, and some lag behind. */
const TICK_MS = 2_000;

/** Whether a folder that changed at this moment may get another file without its time telling. Both times are the machine's own. */
export function mayChangeUnseen(changed_ms: number): boolean {
  return Date.now() - changed_ms < TICK_MS;
}
