import type { EventDraft } from '../../src/model/event.ts';
import { catalogOf, failedRun, type PassOptions, World } from '../support/world.ts';

const DAY_MS = 86_400_000;
/** Far ahead of every clock: folders that were made just now have come to rest long ago by then. */
export const DAY = '2099-03-10';
export const START_MS = Date.parse(`${DAY}T00:00:00.000Z`);
const AFTER_MS = 3_600_000;
/** The first moment at which the day may be sealed. */
export const OVER_MS = START_MS + DAY_MS + AFTER_MS;
export const SEALING = catalogOf({ seal: { after_ms: AFTER_MS, keyFile: null, allowedSignersFile: null } });

/** A failed run at this time of the first day, or `days` later. */
export const runAt = (id: string, time: string, days = 0): EventDraft =>
  failedRun(id, { subject: `job/${id}`, time: new Date(Date.parse(`${DAY}T${time}Z`) + days * DAY_MS).toISOString() });

export class SealingWorld extends World {
  /** Heard, and passed over, at noon of their days; nothing is sealed by that. */
  async lived(...drafts: EventDraft[]): Promise<void> {
    for (const draft of drafts) {
      const noon_ms = Date.parse(`${draft.time?.slice(0, 10)}T12:00:00.000Z`);
      await this.record([draft], noon_ms);
      await this.pass({ now_ms: noon_ms });
    }
  }

  at(now_ms: number, options: PassOptions = {}) {
    return this.pass({ catalog: SEALING, now_ms, ...options });
  }

  sealed(): string[] {
    return this.paths().filter((path) => path.startsWith('seals/'));
  }
}
