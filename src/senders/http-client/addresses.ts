import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Addresses that no receiver on the Internet has: IANA's special-purpose registries (RFC 6890 and its successors) and what cloud
 * machines find their own credentials at. The first that holds an address names it.
 */
const CLOSED_IPV4: readonly [words: string, ...ranges: string[]][] = [
  ['a metadata address', '169.254.169.254/32', '100.100.100.200/32', '192.0.0.192/32', '168.63.129.16/32'],
  ['a loopback address', '127.0.0.0/8'],
  ['a private address', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  ['a link-local address', '169.254.0.0/16'],
  ["an address inside a provider's own network", '100.64.0.0/10'],
  ['an unspecified address', '0.0.0.0/8'],
  ['a multicast address', '224.0.0.0/4'],
  ['a reserved address', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '240.0.0.0/4'],
];
const CLOSED_IPV6: readonly [words: string, ...ranges: string[]][] = [
  ['a metadata address', 'fd00:ec2::254/128', 'fd20:ce::254/128'],
  ['a loopback address', '::1/128'],
  ['an unspecified address', '::/128'],
  ['a private address', 'fc00::/7', 'fec0::/10'],
  ['a link-local address', 'fe80::/10'],
  ['a multicast address', 'ff00::/8'],
  ['a reserved address', '2001::/23', '2001:db8::/32', '3fff::/20'],
];
/** All of the Internet that speaks IPv6 (RFC 4291, section 2.4; IANA has given out nothing else). */
const GLOBAL_UNICAST = '2000::/3';

const closedIpv4 = once(() => compile(CLOSED_IPV4));
const closedIpv6 = once(() => compile(CLOSED_IPV6));
const globalUnicast = once(() => listOf([GLOBAL_UNICAST]));
const nat64 = once(() => listOf(['64:ff9b::/96']));
const sixToFour = once(() => listOf(['2002::/16']));

/** As isIP() of node:net, which compiles its pattern for IPv6 for every name: on Node 20 that takes longer than a request. */
export function familyOf(text: string): 0 | 4 | 6 {
  if (text.includes(':')) return isIPv6(text) ? 6 : 0;
  return isIPv4(text) ? 4 : 0;
}

/** What an address is that no request goes to unasked, in words; null for one that anybody may be reached at. */
export function closedAddress(address: string): string | null {
  const plain = plainAddress(address);
  const family = familyOf(plain);
  if (family === 4) return wordsFor(closedIpv4(), plain, 'ipv4');
  if (family !== 6) return 'no address';
  const closed = wordsFor(closedIpv6(), plain, 'ipv6');
  if (closed !== null) return closed;
  const inner = embedded(plain);
  if (inner !== null) {
    const what = closedAddress(inner);
    return what === null ? null : `${what} (${inner}) in another form`;
  }
  return globalUnicast().check(plain, 'ipv6') ? null : 'a reserved address';
}

/** Without brackets and zone, and an IPv4 address in IPv6 clothes (`::ffff:127.0.0.1`, RFC 4291, section 2.5.5.2) as what it is. */
export function plainAddress(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (familyOf(bare) !== 6) return bare;
  const groups = groupsOf(bare);
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff ? ipv4Of(groups[6] ?? 0, groups[7] ?? 0) : bare;
}

/** The IPv4 address that a translator (RFC 6052) or a tunnel (RFC 3056) would go on to. */
function embedded(address: string): string | null {
  const groups = groupsOf(address);
  if (nat64().check(address, 'ipv6')) return ipv4Of(groups[6] ?? 0, groups[7] ?? 0);
  if (sixToFour().check(address, 'ipv6')) return ipv4Of(groups[1] ?? 0, groups[2] ?? 0);
  return null;
}

const ipv4Of = (high: number, low: number): string => [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  // The URL parser spells every form alike: no dots, the longest run of zeros as ::.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const numbers = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [front, back] = [numbers(head), numbers(tail ?? '')];
  return tail === undefined ? front : [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function compile(table: typeof CLOSED_IPV4): { words: string; list: BlockList }[] {
  return table.map(([words, ...ranges]) => ({ words, list: listOf(ranges) }));
}

/** A list of ranges such as `10.0.0.0/8`; each must be valid. */
export function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function wordsFor(table: { words: string; list: BlockList }[], address: string, family: 'ipv4' | 'ipv6'): string | null {
  return table.find(({ list }) => list.check(address, family))?.words ?? null;
}
