import type { Gate } from '../../model/catalog.ts';
import { messageOf, RgovError } from '../../model/errors.ts';
import { plainNotices } from '../../model/gate-shortcut.ts';
import { fileName } from '../../model/names.ts';
import type { BadFile } from '../../model/snapshot.ts';
import { formatTime } from '../../model/time.ts';
import { ClosedDays } from '../../store/closed-days.ts';
import { readDayIndex } from '../../store/day-index.ts';
import { dayTimes, listDays, sameTimes } from '../../store/days.ts';
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
  const found = [...unprovedSince(layout, now_ms - gate.within_ms, gate.evidence), ...undecided(layout, now_ms)];
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

/**
 * Events that no pass has looked at: nobody knows yet what humans must be told of them. Where a pass would not look, there are none: in sealed days
 * (today is none, whatever a file says), and in those that are as they were when everything in them was settled.
 */
function undecided(layout: Workspace['layout'], now_ms: number): Unproved[] {
  const today = formatTime(now_ms).slice(0, 10);
  const sealed = new ClosedDays(layout).sealedThrough();
  const { days } = readDayIndex(layout.cache, '');
  return listDays(layout).flatMap((day) => {
    const times = timesOf(layout, day);
    const memory = days[day];
    if ((day <= sealed && day < today) || (memory?.settled && sameTimes(memory.changeTimes, times))) return [];
    const decided = new Set(listStage(layout, 'decisions', day));
    return eventsOf(layout, day, new Map())
      .names()
      .filter((name) => !decided.has(fileName.decision(name)))
      .flatMap((name): Unproved[] => {
        const about = aboutOf(layout, name);
        return about === null ? [] : [{ notice: name, about: { ...about, rule: '', target: '' }, proved: 'none', status: 'none' }];
      });
  });
}

/** Of one that cannot be read nobody knows how grave it is: it counts as the gravest. Null if it is gone. */
function aboutOf(layout: Workspace['layout'], name: string): Pick<Unproved['about'], 'severity' | 'subject' | 'eventType'> | null {
  const read = readArtifact(layout, 'event', 'events', name, fileName.event(name));
  if (read.kind === 'missing') return null;
  if (read.kind !== 'ok') return { severity: 'critical', subject: '', eventType: '' };
  const { severity, subject, type } = read.stored.document;
  return { severity, subject, eventType: type };
}

/** A link or a file where the folder of a day should be would look like a day on which nothing happened. Throws `state_io`. */
function timesOf(layout: Workspace['layout'], day: string): number[] {
  const bad: BadFile[] = [];
  const times = dayTimes(layout, day, bad);
  if (times === null) throw new RgovError('state_io', bad.map(({ path, detail }) => `${path}: ${detail}`).join('; '));
  return times;
}
