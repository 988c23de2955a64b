import { RgovError } from '../model/errors.ts';
import { didYouMean } from '../model/text.ts';
import type { Workspace } from './workspace.ts';

/** Throws `not_found` where the binding has no sender of that name; `command` is what the hint repeats, with the name put right. */
export function requireSender({ catalog }: Pick<Workspace, 'catalog'>, sender: string, command: string): void {
  const names = Object.keys(catalog.senders).sort();
  if (names.includes(sender)) return;
  const near = didYouMean(sender, names);
  throw new RgovError('not_found', `there is no sender ${JSON.stringify(sender.slice(0, 80))} in the binding ${catalog.binding}`, {
    expected: names.join(', '),
    hint: near === null ? 'rgov catalog senders' : `did you mean: ${command} --sender ${near}`,
  });
}
