import { compileSchedule, NICKNAMES, type Schedule } from '../../model/schedule.ts';
import { didYouMean } from '../../model/text.ts';
import type { Declarations } from '../declarations.ts';
import type { Located } from '../document.ts';
import { allExpectations, DEFAULT_TIMEZONE, type ScheduleText, scheduleOf } from '../expectations.ts';
import type { Problem } from '../problem.ts';
import { everComes } from '../schedule-gaps.ts';

/** Schedules of expectations and of bindings that cannot be read, name no time zone that exists, or never come. */
export function checkSchedules(declarations: Declarations): Problem[] {
  const expected = allExpectations(declarations).map((expectation) => ({ document: expectation.document as Located, text: scheduleOf(expectation) }));
  const passes = declarations.all('RuntimeBinding').map((binding) => {
    const { cron, timezone = DEFAULT_TIMEZONE } = binding.value.spec.schedule ?? {};
    const path = ['spec', 'schedule'];
    const text = cron === undefined ? null : { cron, timezone, cronPath: [...path, 'cron'], timezonePath: [...path, 'timezone'] };
    return { document: binding as Located, text };
  });
  return [...expected, ...passes].flatMap(({ document, text }) => (text === null ? [] : checkSchedule(document, text)));
}

function checkSchedule(document: Located, text: ScheduleText): Problem[] {
  // Each half by itself, so that one fault does not hide the other.
  const cron = compileSchedule(text.cron, DEFAULT_TIMEZONE);
  const zone = compileSchedule('@daily', text.timezone);
  const problems: Problem[] = [];
  if (!cron.ok) problems.push(badCron(document, text, cron.message));
  else if (!everComes(cron.schedule)) {
    const message = `"${text.cron.slice(0, 80)}" never comes`;
    problems.push(document.at(text.cronPath, { code: 'never_due', message, expected: 'a time that comes, such as 0 3 * * *' }));
  }
  if (!zone.ok) problems.push(unknownZone(document, text, zone.message));
  return problems;
}

function badCron(document: Located, { cron, cronPath }: ScheduleText, message: string): Problem {
  const suggestion = cron.trim().startsWith('@') ? didYouMean(cron.trim(), NICKNAMES) : null;
  return document.at(cronPath, {
    code: 'bad_schedule',
    message,
    expected: 'five fields (minute, hour, day of the month, month, weekday), six with the seconds first, or a nickname such as @daily',
    ...(suggestion === null ? {} : { suggestion }),
  });
}

function unknownZone(document: Located, { timezone, timezonePath }: ScheduleText, message: string): Problem {
  const known = [DEFAULT_TIMEZONE, ...Intl.supportedValuesOf('timeZone')];
  const word = timezone.trim().replaceAll(' ', '_');
  const inRegion = known.filter((name) => name.toLowerCase().endsWith(`/${word.toLowerCase()}`));
  const suggestion = inRegion.length === 1 ? (inRegion[0] as string) : didYouMean(word, known);
  return document.at(timezonePath, {
    code: 'unknown_timezone',
    message,
    expected: 'an IANA name such as Europe/Berlin, or UTC',
    ...(suggestion === null ? {} : { suggestion }),
  });
}

/** The schedule if both halves are right. */
export function validSchedule({ cron, timezone }: Pick<ScheduleText, 'cron' | 'timezone'>): Schedule | null {
  const compiled = compileSchedule(cron, timezone);
  return compiled.ok && everComes(compiled.schedule) ? compiled.schedule : null;
}
