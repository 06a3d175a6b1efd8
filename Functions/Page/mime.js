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

// One character for each byte, so that positions stay and parts can be decoded later. A decoder is much faster than a loop, and for 16 bits
// it takes each byte as it is.
const latinOf = bytes => new TextDecoder('utf-16le').decode(new Uint16Array(bytes));

// As a plain loop: Uint8Array.from takes seconds for a few megabytes.
function bytesOf(text) {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

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

// Elements whose content is not text of the message.
const hidden = new Set(['script', 'style', 'head']);
const maxTag = 4000;
const entities = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', apos: "'" };

const breaks = /^(?:br|\/p|\/div|\/tr|\/li|\/h\d)$/;
const link = /\bhref\s*=\s*["']?([^"'\s>]+)/i;

/** Removes markup by text replacement, for reading only. Goes forward only, so that the time grows with the length and no faster. */
function withoutTags(html) {
  const find = finder(html);
  const pieces = [];
  // Where the text after the last tag begins.
  let text = 0;
  let open = html.indexOf('<');
  while (open >= 0) {
    let next = open + 1;
    // As in a browser: a tag begins with a letter.
    if (/[a-z/!?]/i.test(html.charAt(next))) {
      const isComment = html.startsWith('!--', next);
      const name = isComment ? '' : (/^\/?[a-z][a-z\d]*/i.exec(html.slice(next, next + 12))?.[0].toLowerCase() ?? '');
      let end = isComment ? find('comment', next + 3) : hidden.has(name) ? find(name, next) : -1;
      // What has no end of its own is an ordinary tag.
      if (end < 0) end = find('tag', next);
      if (end < 0) break;
      pieces.push(html.slice(text, open));
      if (breaks.test(name)) pieces.push('\n');
      const target = name === 'a' ? link.exec(html.slice(open, Math.min(end, open + maxTag))) : null;
      if (target) pieces.push(`[${target[1]}] `);
      text = next = end;
    }
    open = html.indexOf('<', next);
  }
  pieces.push(html.slice(text));
  return pieces
    .join('')
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,6}));/gi, (all, decimal, hex, name) => {
      const code = decimal ? Number(decimal) : hex ? parseInt(hex, 16) : 0;
      return name ? (entities[name.toLowerCase()] ?? all) : code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
    })
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

// Finds where the next end of a kind is over; -1 if there is none. What was not found once is not looked for again.
function finder(html) {
  const ends = { comment: /-{2}>/g, tag: />/g };
  for (const name of hidden) ends[name] = new RegExp(`<\\/${name}\\s*>`, 'gi');
  const missing = new Set();
  return (kind, from) => {
    if (missing.has(kind)) return -1;
    ends[kind].lastIndex = from;
    if (ends[kind].test(html)) return ends[kind].lastIndex;
    missing.add(kind);
    return -1;
  };
}
