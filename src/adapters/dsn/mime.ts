import { type ParsedHeaderValue, parseHeaderValue } from 'nodemailer/lib/mime-funcs';

/** Header fields by lower-case name, unfolded; of a field that stands there twice, the first. */
export type Fields = ReadonlyMap<string, string>;

export interface Entity {
  fields: Fields;
  body: string;
}

/** Reports have three parts and a few recipients; more is not read. */
const MAX_PARTS = 20;
export const MAX_GROUPS = 100;
const MAX_FIELDS = 500;
/** Of one field, in UTF-16 units. */
const MAX_FIELD = 8_000;

/** A header and what follows its first empty line (RFC 5322, section 2.1). */
export function entityIn(text: string): Entity {
  const end = /(?:^|\n)\r?\n/.exec(text);
  if (!end) return { fields: fieldsIn(text), body: '' };
  return { fields: fieldsIn(text.slice(0, end.index + 1)), body: text.slice(end.index + end[0].length) };
}

/** The fields of one group of lines. */
function fieldsIn(text: string): Fields {
  const fields = new Map<string, string>();
  let name: string | undefined;
  for (const line of text.split('\n')) {
    const folded = /^[ \t]/.test(line);
    const colon = line.indexOf(':');
    if (folded && name !== undefined) {
      const value = fields.get(name) as string;
      if (value.length < MAX_FIELD) fields.set(name, `${value}${value === '' ? '' : ' '}${line.trim()}`.slice(0, MAX_FIELD));
    } else if (!folded && colon > 0) {
      const next = line.slice(0, colon).trim().toLowerCase();
      name = fields.has(next) || fields.size >= MAX_FIELDS ? undefined : next;
      if (name !== undefined) fields.set(name, line.slice(colon + 1, colon + 1 + MAX_FIELD).trim());
    }
  }
  return fields;
}

/** Groups of fields with empty lines between them: what a message/delivery-status is made of. At most one more than {@link MAX_GROUPS}. */
export function groupsIn(text: string): Fields[] {
  const groups = text.split(/\n(?:[ \t]*\r?\n)+/, MAX_GROUPS + 1).map(fieldsIn);
  return groups.filter((fields) => fields.size > 0);
}

/** Type and parameters, the type in lower case; text/plain where nothing is said (RFC 2045, section 5.2). */
export function contentType({ fields }: Entity): ParsedHeaderValue {
  const parsed = parseHeaderValue(fields.get('content-type') ?? 'text/plain', { stripComments: true });
  return { ...parsed, value: parsed.value.trim().toLowerCase() };
}

/** The parts of a multipart body, as they are; none of them is opened further. */
export function partsOf(body: string, boundary: string): Entity[] {
  const parts: Entity[] = [];
  let start = -1;
  let at = 0;
  while (at < body.length && parts.length < MAX_PARTS) {
    const newline = body.indexOf('\n', at);
    const next = newline === -1 ? body.length : newline + 1;
    const line = body.startsWith('--', at) ? body.slice(at, next).trimEnd() : '';
    const last = line === `--${boundary}--`;
    if (last || line === `--${boundary}`) {
      if (start !== -1) parts.push(entityIn(body.slice(start, at)));
      start = next;
    }
    if (last) return parts;
    at = next;
  }
  // What was cut off in transfer: the last part counts as far as it goes.
  if (start !== -1 && parts.length < MAX_PARTS) parts.push(entityIn(body.slice(start)));
  return parts;
}

/** A body without its transfer encoding (RFC 2045, section 6). Reports are plain 7-bit text, but gateways encode them. */
export function decodedBody({ fields, body }: Entity): string {
  switch (fields.get('content-transfer-encoding')?.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8');
    case 'quoted-printable': {
      const joined = body.replace(/=[ \t]*\r?\n/g, '');
      return joined.replace(/(?:=[0-9A-Fa-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString('utf8'));
    }
    default:
      return body;
  }
}
