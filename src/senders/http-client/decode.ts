import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

/** How much of an answer is read, and how much it may decompress to, where nobody says otherwise. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** RFC 9110, section 8.4 allows a list; nobody honest needs a long one. */
const MAX_LAYERS = 3;
/** The only method of RFC 1950, in the lower half of a stream's first byte. */
const DEFLATED = 8;

interface Body {
  body: Buffer;
  cut: boolean;
}

/** What a `Content-Encoding` that nobody asked for hides. What cannot be told within the limit counts as cut, and is empty. */
export function decoded(answer: Body, encoding: string | undefined, most = MAX_ANSWER_BYTES): Body {
  const layers = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((layer) => layer.trim())
    .filter((layer) => layer !== '' && layer !== 'identity');
  if (layers.length === 0 || answer.body.length === 0) return answer;
  try {
    if (layers.length > MAX_LAYERS) throw new RangeError('too many encodings');
    return { body: layers.reverse().reduce((bytes, layer) => decompress(bytes, layer, most), answer.body), cut: answer.cut };
  } catch {
    return { body: Buffer.alloc(0), cut: true };
  }
}

/** Throws where it would be more than `most` bytes, breaks off, or is no such thing. */
function decompress(bytes: Buffer, encoding: string, most: number): Buffer {
  const limit = { maxOutputLength: most };
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(bytes, limit);
    case 'deflate':
      // Meant is zlib's format (RFC 9110, section 8.4.1.2); some servers send the bare stream. Its first byte tells.
      return ((bytes[0] ?? 0) & 0x0f) === DEFLATED ? inflateSync(bytes, limit) : inflateRawSync(bytes, limit);
    case 'br':
      return brotliDecompressSync(bytes, limit);
    default:
      throw new RangeError('an unknown encoding');
  }
}
