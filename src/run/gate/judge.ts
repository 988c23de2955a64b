import type { Gate } from '../../model/catalog.ts';
import { compileNotices } from '../../model/cel-gates.ts';
import { messageOf } from '../../model/errors.ts';
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

/** The notices that keep a gate closed: those that count, look back far enough, and are not proved; and events that nobody has decided yet. */
export function judgeNotices({ layout }: Workspace, gate: Gate, actor: string, now_ms: number): Judged {
  const compiled = compileNotices(gate.notices);
  if (!compiled.ok) return { notices: [], cannotTell: `its condition on notices does not compile: ${compiled.message}` };
  const counts = ({ about }: Unproved): boolean => compiled.evaluate({ ...about, actor }) === true;
  const from_ms = now_ms - gate.within_ms;
  try {
    const notices = [...unprovedSince(layout, from_ms, gate.evidence)].filter(counts);
    return { notices: [...notices, ...undecided(layout).filter(counts)], cannotTell: null };
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
