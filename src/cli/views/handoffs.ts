import type { HandoffReport, HandoffState, ListedHandoff } from '../../run/handoffs.ts';
import type { Paint } from '../terminal.ts';
import { plural } from './pass.ts';

const MAX_SHOWN = 50;

const STATE_WORDS: Record<HandoffState, string> = {
  in_custody: 'another system has it and has not proved the outcome',
  unclaimed: 'it waits for a bridge',
  in_flight: 'under way, nothing is recorded yet',
  came_back: 'it came back and is tried again',
  acked: 'the receipt is acked',
  blocked: 'the receipt is blocked',
  over: 'another attempt has taken its place',
};
const STATE_STYLE = {
  in_custody: 'yellow',
  unclaimed: 'yellow',
  in_flight: 'yellow',
  came_back: 'dim',
  acked: 'green',
  blocked: 'red',
  over: 'dim',
} as const;

/** One block for each attempt; what another system needs to send it is in the JSON. */
export function handoffsText({ handoffs, unreadable }: HandoffReport, open: boolean, paint: Paint): string {
  const lines = handoffs.slice(-MAX_SHOWN).flatMap((item) => blockOf(item, paint));
  if (handoffs.length > MAX_SHOWN) lines.unshift(`... ${handoffs.length - MAX_SHOWN} earlier ones: rgov handoffs --json`);
  for (const { path, detail } of unreadable) lines.push(`${paint('red', 'unreadable')} ${paint('reset', path)}: ${paint('reset', detail)}`);
  const what = plural(handoffs.length, open ? 'open handoff' : 'handoff');
  lines.push(handoffs.length === 0 ? paint('dim', open ? 'no handoff is open' : 'no handoff yet') : what);
  return lines.join('\n');
}

function blockOf(item: ListedHandoff, paint: Paint): string[] {
  const { state, sender, target, address, requires, deadline, custody } = item;
  const short = `${item.notice.slice(-12)}.${item.attempt}`;
  const lines = [
    paint('reset', item.title),
    `  ${short}  ${paint(STATE_STYLE[state], state)}: ${STATE_WORDS[state]}${custody === null ? '' : `, custody ${paint('reset', custody)}`}`,
    `  attempt ${item.attempt} through ${sender.name} (${sender.kind}, can prove: ${sender.ceiling}) to ${target}${address === null ? '' : ` at ${paint('reset', address)}`}, requires ${requires}${deadline === null ? '' : ` by ${deadline}`}`,
    `  ${paint('dim', `state/${item.path}`)}`,
  ];
  if (state === 'in_custody' || state === 'unclaimed') {
    const proof = sender.ceiling === 'none' ? '' : `${paint('cyan', `rgov confirm ${short} --evidence LEVEL --ref ID`)}   `;
    lines.push(`  ${proof}${paint('cyan', `rgov confirm ${short} --failed REASON`)}`);
  }
  return [...lines, ''];
}
