import type { EventDraft } from '../../../src/model/event.ts';
import { isNamed } from './named.ts';

const valuesOf = (text: string, property: string): string[] =>
  [...text.matchAll(new RegExp(`^${property}=(.*?)\\r?$`, 'gm'))].map(([, value = '']) => value);

/** What the words of one unit allow. Success needs more than the word: an end with exit code 0. */
function allows(unit: string, type: string): boolean {
  const [active = ''] = valuesOf(unit, 'ActiveState');
  const [result = 'none'] = valuesOf(unit, 'Result');
  if (type === 'run.started') return /^(activating|active|reloading|refreshing)$/.test(active);
  if (type === 'run.succeeded')
    return result === 'success' && active !== 'failed' && /^ExecMainCode=1\r?$/m.test(unit) && /^ExecMainStatus=0\r?$/m.test(unit);
  if (result === 'success') return false;
  return type === (result === 'timeout' ? 'run.timed_out' : 'run.failed') && (active === 'failed' || result !== 'none');
}

/** Some unit of the input, between empty lines or all of it, has that name, that invocation and that state, each said once. */
export function follows(draft: EventDraft, input: unknown): string | null {
  const text = Buffer.isBuffer(input) ? input.toString('utf8') : String(input);
  if (draft.source !== 'systemd/units' || draft.provenance !== 'observed') return 'another source or provenance';
  const fits = [text, ...text.split(/(?<=\n)\r?\n/)].some((unit) => {
    const ids = valuesOf(unit, 'Id');
    const invocations = valuesOf(unit, 'InvocationID');
    if (ids.length !== 1 || invocations.length !== 1 || valuesOf(unit, 'Result').length > 1 || valuesOf(unit, 'ActiveState').length !== 1)
      return false;
    return (
      isNamed(draft.subject, 'job/', String(ids[0])) &&
      draft.runid === invocations[0] &&
      draft.id.startsWith(`${invocations[0]}:`) &&
      allows(unit, draft.type)
    );
  });
  return fits ? null : `${draft.type} of ${draft.subject} follows from no unit`;
}
