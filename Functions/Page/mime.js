// Reads the start of a message as text. Nothing of it is given to an HTML parser.

const maxHeaders = 200;
const maxParts = 50;
const maxDepth = 8;
const latin = bytes => new TextDecoder('windows-1252').decode(bytes);

/**
 * Takes a message apart: `{ headers: [{ name, value }], text, kind, attachments: [{ name, type, size }] }`.
 * `kind` says what the text is: plain, html (with its tags removed) or none.
 */
export function readMessage(bytes) {
  const budget = { parts: maxParts };
  const part = split(latinOf(bytes));
  const result = { headers: part.headers.map(decodeHeader), text: '', kind: 'none', attachments: [] };
  walk(part, 0, budget, result);
  return result;
}

// One character for each byte, so that positions stay and parts can be decoded later.
function latinOf(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return text;
}

const bytesOf = text => Uint8Array.from(text, sign => sign.charCodeAt(0) & 255);

function split(raw) {
  const end = /\r?\n\r?\n/.exec(raw);
  const head = (end ? raw.slice(0, end.index) : raw).replace(/\r?\n[ \t]+/g, ' ');
  const headers = [];
  for (const line of head.split(/\r?\n/)) {
    if (headers.length === maxHeaders) break;
    const colon = line.indexOf(':');
    if (colon > 0) headers.push({ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() });
  }
  return { headers, body: end ? raw.slice(end.index + end[0].length) : '' };
}

const header = (part, name) => part.headers.find(one => one.name.toLowerCase() === name)?.value ?? '';

function parameter(value, name) {
  const match = new RegExp(`;\\s*${name}\\*?=(?:"([^"]*)"|([^;\\s]*))`, 'i').exec(value.slice(0, 4000));
  return match ? (match[1] ?? match[2]) : '';
}

function walk(part, depth, budget, result) {
  if (budget.parts-- <= 0 || depth > maxDepth) return;
  const type = header(part, 'content-type') || 'text/plain';
  const media = type.split(';')[0].trim().toLowerCase();
  const boundary = parameter(type, 'boundary');
  if (media.startsWith('multipart/') && boundary) {
    // The first piece is the preamble.
    for (const piece of `\n${part.body}`.split(`\n--${boundary}`).slice(1, maxParts + 1)) {
      if (piece.startsWith('--')) break;
      walk(split(piece.replace(/^[^\n]*\n/, '')), depth + 1, budget, result);
    }
    return;
  }
  const disposition = header(part, 'content-disposition');
  const name = parameter(disposition, 'filename') || parameter(type, 'name');
  if (/^attachment/i.test(disposition) || name || !media.startsWith('text/')) {
    result.attachments.push({ name: words(name) || '(no name)', type: media.slice(0, 100), size: part.body.length });
    return;
  }
  const rank = { none: 0, html: 1, plain: 2 };
  const kind = media === 'text/html' ? 'html' : 'plain';
  if (rank[kind] <= rank[result.kind]) return;
  const text = decodeText(decodeBody(part), parameter(type, 'charset'));
  result.kind = kind;
  result.text = kind === 'html' ? withoutTags(text) : text;
}

function decodeBody(part) {
  const encoding = header(part, 'content-transfer-encoding').toLowerCase();
  if (encoding === 'base64') return fromBase64(part.body);
  if (encoding === 'quoted-printable') return fromQuoted(part.body.replace(/=[ \t]*\r?\n/g, ''));
  return bytesOf(part.body);
}

// The end may be cut off, so that only whole groups are decoded.
function fromBase64(text) {
  const clean = text.replace(/[^A-Za-z0-9+/]/g, '');
  try {
    return bytesOf(atob(clean.slice(0, clean.length - (clean.length % 4 === 1 ? 1 : 0))));
  } catch {
    return new Uint8Array();
  }
}

const fromQuoted = text => bytesOf(text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))));

function decodeText(bytes, charset) {
  try {
    return new TextDecoder(charset || 'utf-8').decode(bytes);
  } catch {
    return latin(bytes);
  }
}

const decodeHeader = ({ name, value }) => ({ name, value: words(value) });

// RFC 2047. Text beside encoded words is UTF-8, if it is valid.
function words(value) {
  if (!/=\?/.test(value)) return decodeText(bytesOf(value), 'utf-8');
  return value
    .slice(0, 20000)
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?([\w-]+)(?:\*[\w-]+)?\?([bq])\?([^?]*)\?=/gi, (_, charset, how, text) =>
      decodeText(how.toLowerCase() === 'b' ? fromBase64(text) : fromQuoted(text.replace(/_/g, ' ')), charset),
    );
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', apos: "'" };

/** Removes markup by text replacement, for reading only. */
function withoutTags(html) {
  return html
    .replace(/<(script|style|head)\b[^]*?<\/\1\s*>/gi, '')
    .replace(/<!-{2}[^]*?-{2}>/g, '')
    .replace(/<(br|\/p|\/div|\/tr|\/li|\/h\d)\b[^>]*>/gi, '\n')
    .replace(/<a\b[^>]*\bhref\s*=\s*["']?([^"'\s>]+)[^>]*>/gi, '[$1] ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,6}));/gi, (all, decimal, hex, name) => {
      const code = decimal ? Number(decimal) : hex ? parseInt(hex, 16) : 0;
      return name ? (entities[name.toLowerCase()] ?? all) : code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
    })
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
