// One dead letter: why it failed, and its message as text.
import { h } from '../dom.js';
import { download, get, open, post, remove } from '../api.js';
import { dialogForm, openDialog } from '../dialog.js';
import { ago, bytes, number, other, safe } from '../format.js';
import { button, empty, facts, heading, missing } from '../parts.js';
import { readMessage } from '../mime.js';
import { go, link, replaceQuery } from '../route.js';
import { refresh, scope, state } from '../state.js';
import { toast } from '../say.js';

/** How much of a message is read, in bytes. The rest stays on the server; the download has all. */
const readLimit = 4 * 1024 * 1024;
const textLimit = 100000;

const path = id => `dlq/${encodeURIComponent(id)}`;

export const loadDeadLetter = id => ({
  deadLetter: () => get(path(id), scope()),
  // A message does not change.
  message: async () => state.data.message ?? readStart(id),
});

async function readStart(id) {
  const response = await open('GET', `${path(id)}/raw`, scope());
  const reader = response.body.getReader();
  const pieces = [];
  let size = 0;
  let isWhole = false;
  while (size < readLimit) {
    const { done, value } = await reader.read();
    if (done) {
      isWhole = true;
      break;
    }
    pieces.push(value);
    size += value.length;
  }
  if (!isWhole) await reader.cancel();
  const all = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return { ...readMessage(all), source: new TextDecoder('windows-1252').decode(all.subarray(0, textLimit)), isWhole, size };
}

export function drawDeadLetter(parts, query) {
  const [, groupName, id] = parts;
  const deadLetter = state.data.deadLetter;
  const trail = h(
    'nav',
    { class: 'trail', 'aria-label': 'Above' },
    h('a', { href: link(['dead-letters']) }, 'Dead letters'),
    ' / ',
    h('a', { href: link(['dead-letters', groupName], { ...query, show: '' }) }, groupName === 'all' ? 'One by one' : 'Group'),
  );
  if (!deadLetter) {
    const gone = state.errors.deadLetter?.status === 404;
    return [
      trail,
      heading('Dead letter', id),
      gone
        ? empty(
            'This dead letter is gone',
            'It was replayed or deleted, by you or somebody else. The audit says by whom.',
            h('a', { class: 'button', href: link(['audit']) }, 'Audit'),
          )
        : missing('deadLetter', 'dead letters'),
    ];
  }
  const back = () => go(['dead-letters', groupName], { ...query, show: '' });
  return [
    trail,
    heading(
      other(deadLetter.subject || '(no subject)', 120),
      h('span', null, 'From ', other(deadLetter.from || 'unknown', 120), ' in ', other(deadLetter.mailbox, 120)),
      deadLetter.body !== 'none' &&
        button('Download', () => download(`${path(id)}/raw`, scope(), `${id}.eml`).catch(e => toast(e.message, true))),
      button('Delete …', () => confirmOne('Delete', 'It is gone for good.', () => remove(path(id), scope()), back, true)),
      button(
        'Replay …',
        () =>
          confirmOne(
            'Replay',
            'It goes back to the stream and is processed again.',
            () => post(`${path(id)}/replay`, undefined, scope()),
            back,
          ),
        { class: 'primary' },
      ),
    ),
    h(
      'section',
      { class: 'panel bad' },
      h('h2', null, other(deadLetter.errorType, 200)),
      h('p', { class: 'error-text' }, other(deadLetter.errorMessage, 1000)),
      deadLetter.stackTrace &&
        h('details', { class: 'trace' }, h('summary', null, 'Stack trace'), h('pre', { tabindex: '0' }, safe(deadLetter.stackTrace, 8192))),
    ),
    facts([
      ['Reason', deadLetter.reason],
      ['Deliveries', number(deadLetter.deliveryCount)],
      ['Replays', number(deadLetter.replays)],
      ['First failure', ago(deadLetter.firstFailure)],
      ['Last failure', ago(deadLetter.lastFailure)],
      ['Size', bytes(deadLetter.size)],
      ['UID', deadLetter.uid ?? '–'],
      ['Consumer', other(deadLetter.consumer || 'the poller')],
    ]),
    message(parts, query, deadLetter),
  ];
}

const tabs = [
  ['text', 'Text'],
  ['headers', 'Headers'],
  ['source', 'Source'],
];

function message(parts, query, deadLetter) {
  const read = state.data.message;
  const shown = query.show ?? 'text';
  return h(
    'section',
    { class: 'message', 'aria-label': 'Message' },
    h('h2', null, 'Message'),
    deadLetter.body === 'headers' && h('p', { class: 'note' }, 'Only its headers were kept, because the message is too large.'),
    h(
      'div',
      { class: 'tabs', role: 'group', 'aria-label': 'Part of the message' },
      tabs.map(([name, label]) =>
        h(
          'button',
          {
            key: name,
            type: 'button',
            'aria-pressed': shown === name ? 'true' : 'false',
            onclick: () => replaceQuery(parts, { ...query, show: name }),
          },
          label,
        ),
      ),
    ),
    deadLetter.body === 'none'
      ? h('p', { class: 'quiet' }, 'The message was never fetched. Find it in the mailbox by its UID.')
      : !read
        ? missing('message', 'messages')
        : (views[shown]?.(read) ?? views.text(read)),
  );
}

const views = {
  text: read => [
    read.kind === 'none' || read.text.trim() === ''
      ? h('p', { class: 'quiet' }, 'It has no text.')
      : h('pre', { class: 'mail', tabindex: '0', dir: 'auto' }, safeText(read.text)),
    read.kind === 'html' && h('p', { class: 'quiet' }, 'HTML without its markup. Links are shown, images are not loaded.'),
    read.attachments.length > 0 &&
      h(
        'ul',
        { class: 'lines' },
        read.attachments.map((one, at) =>
          h('li', { key: at }, other(one.name, 120), h('span', { class: 'quiet end' }, safe(one.type, 60))),
        ),
      ),
    cut(read),
  ],
  headers: read =>
    h(
      'dl',
      { class: 'headers' },
      read.headers.map((one, at) => h('div', { key: at }, h('dt', null, safe(one.name, 100)), h('dd', null, other(one.value, 2000)))),
    ),
  source: read => [h('pre', { class: 'mail', tabindex: '0' }, safeText(read.source)), cut(read)],
};

const safeText = text => safe(text.replace(/\r\n?/g, '\n'), textLimit);

const cut = read => !read.isWhole && h('p', { class: 'quiet' }, `The first ${bytes(read.size)} were read. The download has all.`);

function confirmOne(title, text, work, then, danger = false) {
  openDialog(`${title} this dead letter`, dialog =>
    dialogForm(
      dialog,
      h('p', null, text),
      title,
      async () => {
        await work();
        toast(title === 'Replay' ? 'Replayed.' : 'Deleted.');
        then();
        refresh();
      },
      danger,
    ),
  );
}
