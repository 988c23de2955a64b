import type { Gate } from '../../model/catalog.ts';
import { messageOf } from '../../model/errors.ts';
import { plainNotices } from '../../model/gate-shortcut.ts';
import { fileName } from '../../model/names.ts';
import { listDays } from '../../store/days.ts';
import { eventsOf, listStage } from '../../store/history.ts';
import { readArtifact } from '../../store/read.ts';
import type { Workspace } from '../workspace.ts';
import { type Unproved, unprovedSince } from './unproved.ts';

export interface Judged {
  notices: Unproved[];
  cannotTell: string | null;
}

/**
 * The notices that keep a gate closed: those that count, look back far enough, and are not proved; and events that nobody has decided yet. The
 * condition on them is compiled only if there are any.
 */
export async function judgeNotices({ layout }: Workspace, gate: Gate, actor: string, now_ms: number): Promise<Judged> {
  const found = [...unprovedSince(layout, now_ms - gate.within_ms, gate.evidence), ...undecided(layout)];
  if (found.length === 0) return { notices: [], cannotTell: null };
  const plain = plainNotices(gate.notices);
  if (plain) return { notices: found.filter(({ about }) => plain(about)), cannotTell: null };
  const { compileNotices } = await import('../../model/cel-gates.ts');
  const compiled = compileNotices(gate.notices);
  if (!compiled.ok) return { notices: [], cannotTell: `its condition on notices does not compile: ${compiled.message}` };
  try {
    return { notices: found.filter(({ about }) => compiled.evaluate({ ...about, actor }) === true), cannotTell: null };
  } catch (error) {
    return { notices: [], cannotTell: `its condition on notices cannot be evaluated: ${messageOf(error)}` };
  }
}

/** Events that no pass has looked at: nobody knows yet what humans must be told of them. */
function undecided(layout: Workspace['layout']): Unproved[] {
  return listDays(layout).flatMap((day) => {
    const decided = new Set(listStage(layout, 'decisions', day));
    return eventsOf(layout, day, new Map())
      .names()
      .filter((name) => !decided.has(fileName.decision(name)))
      .flatMap((name): Unproved[] => {
        const read = readArtifact(layout, 'event', 'events', name, fileName.event(name));
        if (read.kind !== 'ok') return [];
        const { severity, subject, type } = read.stored.document;
        return [{ notice: name, about: { severity, subject, eventType: type, rule: '', target: '' }, proved: 'none', status: 'none' }];
      });
  });
}
