import { isAbsolute, join } from 'node:path';
import { messageOf } from '../model/errors.ts';
import type { DayIndex } from '../store/day-index.ts';
import { type SealedDay, sealDay } from '../store/seal-day.ts';
import { dayToSign, firstToSeal } from '../store/seal-due.ts';
import { sealName } from '../store/seals.ts';
import type { Workspace } from './workspace.ts';

/** So many days a pass seals at most: where months are left to be sealed, emitters are not kept waiting for all of them. */
const MAX_DAYS = 7;

/** Seals what is over and settled, the oldest day first, and signs it. Trouble is told in `failures`, and fails nothing else. */
export async function sealWhatIsOver(workspace: Workspace, index: DayIndex, now_ms: number, failures: string[]): Promise<SealedDay[]> {
  const { layout, catalog } = workspace;
  if (catalog.seal === null) return [];
  const sealed: SealedDay[] = [];
  try {
    for (let n = 0; n < MAX_DAYS; n++) {
      const day = firstToSeal(layout, index, catalog.seal.after_ms, now_ms);
      const result = day === null ? null : await sealDay(layout, index, day);
      if (result === null) break;
      sealed.push(result);
      await sign(workspace, result.day, failures);
    }
    if (sealed.length > 0) (await import('./sealed-memory.ts')).rememberSealedDays(layout);
    // One that could not be signed when it was made, or that another process has made.
    const unsigned = catalog.seal.keyFile === null || sealed.length > 0 ? null : dayToSign(layout);
    if (unsigned !== null) await sign(workspace, unsigned, failures);
  } catch (error) {
    failures.push(messageOf(error));
  }
  return sealed;
}

async function sign({ root, layout, catalog }: Workspace, day: string, failures: string[]): Promise<void> {
  const keyFile = catalog.seal?.keyFile ?? null;
  if (keyFile === null) return;
  const { signSeal } = await import('./signatures.ts');
  const signed = await signSeal(layout.at(sealName(day)), isAbsolute(keyFile) ? keyFile : join(root, keyFile));
  if (!signed.ok) failures.push(`the seal of ${day} is not signed: ${signed.detail}`);
}
