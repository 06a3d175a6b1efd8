// Parses messages by two other parsers. Reads one message a line from the standard input, as base64, and writes one line of JSON for each.
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';

// Parsers differ in the line ends of texts, and in the one before a boundary.
const sha256 = content => createHash('sha256').update(content.toString('latin1').replace(/\r/g, '').trimEnd(), 'latin1').digest('hex');
const list = field => (field ? (Array.isArray(field) ? field : [field]) : []);
const text = value => (typeof value === 'string' ? value : null);
const id = value => (text(value) ?? '').trim().replace(/^<|>$/g, '');

const flat = entries => list(entries).flatMap(entry => entry.group
  ? flat(entry.group)
  : [{ name: text(entry.name), address: text(entry.address) }]);

const mailparser = async raw => {
  const mail = await simpleParser(raw, { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true });
  const people = field => list(field).flatMap(one => flat(one.value));
  return {
    parser: 'mailparser',
    subject: text(mail.subject) ?? '',
    messageId: id(mail.messageId),
    inReplyTo: id(list(mail.inReplyTo)[0]),
    // Where it cannot read the date, mailparser takes the present.
    date: mail.date && Math.abs(mail.date.getTime() - Date.now()) > 60000 ? mail.date.toISOString() : null,
    from: people(mail.from), to: people(mail.to), cc: people(mail.cc),
    text: text(mail.text),
    html: text(mail.html),
    attachments: mail.attachments.map(part => ({
      fileName: text(part.filename), contentType: text(part.contentType), size: part.size, sha256: sha256(Buffer.from(part.content)),
    })),
  };
};

const postalMime = async raw => {
  const mail = await PostalMime.parse(raw, { attachmentEncoding: 'arraybuffer' });
  const date = mail.date ? new Date(mail.date) : null;
  return {
    parser: 'postal-mime',
    subject: text(mail.subject) ?? '',
    messageId: id(mail.messageId),
    inReplyTo: id(mail.inReplyTo),
    date: date && !Number.isNaN(date.getTime()) ? date.toISOString() : null,
    from: flat(mail.from), to: flat(mail.to), cc: flat(mail.cc),
    text: text(mail.text),
    html: text(mail.html),
    attachments: mail.attachments.map(part => {
      const content = Buffer.from(part.content);
      return { fileName: text(part.filename), contentType: text(part.mimeType), size: content.length, sha256: sha256(content) };
    }),
  };
};

const attempt = async (parse, raw) => {
  try {
    return await parse(raw);
  } catch (error) {
    return { parser: parse === mailparser ? 'mailparser' : 'postal-mime', error: String(error.message ?? error).slice(0, 200) };
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const raw = Buffer.from(line, 'base64');
  process.stdout.write(`${JSON.stringify([await attempt(mailparser, raw), await attempt(postalMime, raw)])}\n`);
}
