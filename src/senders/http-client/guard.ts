import type { BlockList } from 'node:net';
import { closedAddress, familyOf, listOf, plainAddress } from './addresses.ts';

/** No connection was made, because the receiver is at an address that the binding does not allow. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
}

/** Which addresses may be connected to: every public one, and what the binding allows. */
export interface Guard {
  /** Throws {@link RefusedAddress} if `host` must not be reached at `address`. */
  check(host: string, address: string): void;
}

/** For addresses that an operator alone chooses and that nobody's data can change. */
export const ANYWHERE: Guard = { check: () => {} };

/** `allowHosts`: host names, addresses and ranges that may be reached although they are no public ones. */
export function guardFor(allowHosts: readonly string[] = []): Guard {
  const names = new Set<string>();
  const addresses = new Set<string>();
  const ranges: string[] = [];
  for (const entry of allowHosts) {
    const kind = kindOf(entry);
    if (kind === 'range') ranges.push(entry);
    else if (kind === 'address') addresses.add(plainAddress(entry));
    else if (kind === 'name') names.add(plainName(entry));
  }
  const allowed: BlockList = listOf(ranges);
  const isAllowed = (host: string, address: string): boolean =>
    names.has(plainName(host)) ||
    addresses.has(address) ||
    (familyOf(address) !== 0 && allowed.check(address, familyOf(address) === 4 ? 'ipv4' : 'ipv6'));
  return {
    check(host, address) {
      const what = closedAddress(address);
      if (what === null || isAllowed(host, plainAddress(address))) return;
      const literal = familyOf(plainAddress(host)) !== 0;
      const place = literal ? `${plainAddress(host)} is ${what}` : `${host} is at ${address}, ${what}`;
      throw new RefusedAddress(
        `${place}; if that is meant, name this host for the sender or source: allowHosts: ["${literal ? plainAddress(host) : plainName(host)}"]`,
      );
    },
  };
}

/** What an entry of `allowHosts` is; null if it is nothing that could ever match. */
export function kindOf(entry: string): 'range' | 'address' | 'name' | null {
  const [address = '', bits, more] = entry.split('/');
  const family = familyOf(address);
  if (bits !== undefined)
    return family !== 0 && more === undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128) ? 'range' : null;
  if (familyOf(plainAddress(entry)) !== 0) return 'address';
  return /^(?=.{1,253}\.?$)[\p{L}\p{N}_]([\p{L}\p{N}_-]*[\p{L}\p{N}_])?(\.[\p{L}\p{N}_]([\p{L}\p{N}_-]*[\p{L}\p{N}_])?)*\.?$/u.test(entry)
    ? 'name'
    : null;
}

/** As the URL parser spells it, which is what a request's host is compared by. */
function plainName(name: string): string {
  const bare = name.toLowerCase().replace(/\.$/, '');
  return URL.canParse(`http://${bare}/`) ? new URL(`http://${bare}/`).hostname : bare;
}
