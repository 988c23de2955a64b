import type { ResolvedSender, TargetBinding } from '../../model/catalog.ts';
import { formatDuration } from '../../model/time.ts';
import { SENDER_KINDS } from '../../senders/registry.generated.ts';
import type { Probed, SenderContext, SenderKind } from '../../senders/sender.ts';
import { secretResolver } from '../host.ts';
import type { Workspace } from '../workspace.ts';
import { type CheckResult, type Finding, fine, resultOf } from './check.ts';

/** As long as one way out may take to answer. */
const LIMIT_MS = 10_000;
/** A binding with more ways out has them looked at in the order of its targets, as far as this. */
const MAX_WAYS = 50;

/** One sender, and the address that it is used with. */
interface Way {
  target: string;
  sender: ResolvedSender;
  address: string | undefined;
}

interface Looked {
  way: Way;
  probed: Probed | { reached: null; why: string };
}

/**
 * Whether each way out that the targets of the binding use can be reached. Nothing is sent to anybody, and what is said is what was seen: that a server
 * answers does not mean that it takes a message.
 */
export async function checkSenders(
  { root, catalog }: Pick<Workspace, 'root' | 'catalog'>,
  { kinds = SENDER_KINDS, limit_ms = LIMIT_MS }: { kinds?: Readonly<Record<string, SenderKind>>; limit_ms?: number } = {},
): Promise<CheckResult> {
  const ways = waysOf(catalog.targets, catalog.senders);
  if (ways.length === 0) return fine('senders', 'no target of the binding has one');
  const looked = await Promise.all(ways.slice(0, MAX_WAYS).map(async (way) => ({ way, probed: await look(way, kinds, root, limit_ms) })));
  const more = ways.length > MAX_WAYS ? [`${ways.length - MAX_WAYS} more were not looked at`] : [];
  return resultOf('senders', [...looked.flatMap(sawOf), ...more].join('; '), looked.flatMap(amissOf));
}

/** Each sender once for each address. */
function waysOf(targets: Readonly<Record<string, TargetBinding>>, senders: Readonly<Record<string, ResolvedSender>>): Way[] {
  const ways = new Map<string, Way>();
  for (const [target, { sender: name, address }] of Object.entries(targets)) {
    const sender = senders[name];
    const key = JSON.stringify([name, address]);
    if (sender !== undefined && !ways.has(key)) ways.set(key, { target, sender, address });
  }
  return [...ways.values()];
}

async function look(
  { sender, address }: Way,
  kinds: Readonly<Record<string, SenderKind>>,
  root: string,
  limit_ms: number,
): Promise<Looked['probed']> {
  const kind = kinds[sender.kind];
  if (kind?.probe === undefined) return { reached: null, why: kind?.notProbed ?? `there is no sender of the kind ${sender.kind}` };
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limit_ms);
  try {
    return await Promise.race([
      kind.probe({ config: sender.config, context: contextIn(root), address, signal: limit.signal }),
      late(limit.signal, limit_ms),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** What does not heed its signal is not waited for. */
function late(signal: AbortSignal, limit_ms: number): Promise<Probed> {
  return new Promise((resolve) => {
    const tell = (): void =>
      resolve({ reached: false, problem: `no answer within ${formatDuration(limit_ms)}`, mend: 'try again; the network of this machine' });
    // A turn later: whoever heeds it says more.
    signal.addEventListener('abort', () => setTimeout(tell, 100), { once: true });
  });
}

const contextIn = (root: string): SenderContext => ({
  workspace: root,
  resolveSecret: secretResolver(root, process.env),
  env: process.env,
  createFile: () => {
    throw new Error('a probe writes nothing');
  },
});

const nameOf = ({ target, sender }: Way): string => `${sender.name} (${sender.kind}, to ${target})`;

function sawOf({ way, probed }: Looked): string[] {
  if (probed.reached === null) return [`${nameOf(way)}: nothing to reach: ${probed.why}`];
  return probed.reached ? [`${nameOf(way)}: ${probed.saw}`] : [];
}

function amissOf({ way, probed }: Looked): Omit<Finding, 'check'>[] {
  if (probed.reached !== false) return [];
  const bridge = way.sender.bridge === 'process' ? '; run this as the user whom its bridge runs as' : '';
  return [{ problem: `${nameOf(way)}: ${probed.problem}`, mend: `${probed.mend}${bridge}` }];
}
