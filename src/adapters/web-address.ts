import { quoted } from './foreign.ts';
import { type Read, unreadable } from './values.ts';

/** Where something can be looked at in a browser. */
export interface WebAddress {
  /** In lower case, with its port if one is named. */
  host: string;
  /** What stands between the slashes of the path, never empty, `.` or `..`. */
  segments: string[];
  /** Scheme, host and path, as they came. */
  text: string;
}

const ADDRESS_MAX = 1000;
// No user, no query, no fragment, no escapes: none of them is needed, and each can hide where an address really leads.
const ADDRESS = /^https?:\/\/([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?)((?:\/[A-Za-z0-9_.~+-]+)+)$/i;

/** An address whose host and path say whose something is; anything that could be read in two ways is refused. */
export function webAddressOf(value: unknown, what: string): Read<WebAddress> {
  const match = typeof value === 'string' && value.length <= ADDRESS_MAX ? ADDRESS.exec(value) : null;
  const segments = match?.[2]?.slice(1).split('/') ?? [];
  if (!match || segments.some((segment) => segment === '.' || segment === '..')) {
    return unreadable(`${what} must be a plain web address, as in https://host/path, found ${quoted(value)}`);
  }
  return { ok: true, value: { host: (match[1] as string).toLowerCase(), segments, text: match[0] } };
}
