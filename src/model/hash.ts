type Crypto = typeof import('node:crypto');

let loaded: Crypto | undefined;

/** node:crypto costs milliseconds at start-up, and a pass that finds nothing to do needs no hash at all. */
function crypto(): Crypto {
  loaded ??= process.getBuiltinModule('node:crypto');
  return loaded;
}

/** SHA-256 in hex. */
export function sha256(bytes: string | Uint8Array): string {
  return crypto().hash('sha256', bytes, 'hex');
}

/** The first 48 bits of a SHA-256, in hex: enough to tell facts apart that already share time, type and subject. */
export function shortHash(...parts: string[]): string {
  return sha256(parts.join('\n')).slice(0, 12);
}
