// Dead letters: groups of similar errors first, then each dead letter.
import { h } from '../dom.js';
import { get } from '../api.js';
import { exportAll, openBulk } from '../bulk.js';
import { chips, filterForm, filterOf } from '../filter.js';
import { ago, count, number, other } from '../format.js';
import { badge, button, empty, heading, missing, more, table } from '../parts.js';
import { link } from '../route.js';
import { partition, scope, state } from '../state.js';
import { drawDeadLetter, loadDeadLetter } from './deadletter.js';

const list = { limit: 50 };
const isGroups = (parts, query) => parts.length === 1 && Object.keys(filterOf(query)).every(name => name === 'mailbox');
const fullFilter = (parts, query) => ({ ...filterOf(query), ...(parts[1] && parts[1] !== 'all' ? { fingerprint: parts[1] } : {}) });

/** Addresses: dead-letters (groups), dead-letters/all, dead-letters/<fingerprint>, dead-letters/<fingerprint>/<id>. */
export const deadLetters = {
  name: 'Dead letters',
  title: () => 'Dead letters',
  every: 5,
  load(parts, query) {
    if (parts[2]) return loadDeadLetter(parts[2]);
    if (isGroups(parts, query)) return { groups: () => get('dlq/groups', { ...scope(), mailbox: query.mailbox, limit: list.limit }) };
    return { found: () => get('dlq', { ...scope(), ...fullFilter(parts, query), newest: 'true', limit: list.limit }) };
  },
  draw(parts, query) {
    if (parts[2]) return drawDeadLetter(parts, query);
    return isGroups(parts, query) ? groups(query) : oneByOne(parts, query);
  },
};

const acts = filter => [
  button('Export', () => exportAll(filter)),
  button('Delete all …', () => openBulk('purge', filter)),
  button('Replay all …', () => openBulk('replay', filter), { class: 'primary' }),
];

const none = query =>
  Object.keys(filterOf(query)).length > 0
    ? empty(
        'No dead letter matches',
        'Change the filter, or show all.',
        h('a', { class: 'button', href: link(['dead-letters']) }, 'Show all'),
      )
    : empty('No dead letters', 'Every email was processed, or is on its way. Nothing to do.');

// An index that is still built has not all dead letters.
const counting = () =>
  h('p', { class: 'note', role: 'status' }, 'The groups are being counted: older dead letters are not in them yet.');

function groups(query) {
  const data = state.data.groups;
  // An older process takes "groups" for the id of a dead letter.
  const older = state.errors.groups?.status === 404;
  const items = data?.groups ?? [];
  const total = items.reduce((sum, one) => sum + one.count, 0);
  const listed = `${number(total)}${data?.after ? ' and more' : ''}`;
  // The status counts the groups of further pages too, unless some are still being counted.
  const all = data?.after && data.whole !== false && partition() ? number(partition().dlqDepth) : listed;
  return [
    heading(
      'Dead letters',
      data && items.length > 0
        ? query.mailbox
          ? `${listed} of this mailbox, in groups of similar errors.`
          : `${all} in ${count(data.total ?? items.length, 'group')} of similar errors.`
        : 'Emails that could not be processed, grouped by similar errors.',
      items.length > 0 && acts(filterOf(query)),
    ),
    filterForm(query, ['dead-letters']),
    older
      ? empty(
          'This process does not offer groups',
          'It runs an older version.',
          h('a', { class: 'button', href: link(['dead-letters', 'all']) }, 'Show all dead letters'),
        )
      : (missing('groups', 'groups') ??
        (items.length === 0
          ? data.whole === false
            ? counting()
            : none(query)
          : [
              data.whole === false && counting(),
              h('ul', { class: 'groups' }, items.map(one => group(one, query))),
              more(data.after, list),
              h('p', null, h('a', { href: link(['dead-letters', 'all'], query) }, 'Show them one by one')),
            ])),
  ];
}

const group = (one, query) =>
  h(
    'li',
    { key: one.fingerprint },
    h('p', { class: 'group-count' }, number(one.count)),
    h(
      'div',
      { class: 'group-text' },
      h(
        'h2',
        null,
        h(
          'a',
          { href: link(['dead-letters', one.fingerprint], filterOf(query)), 'data-row': true },
          other(one.errorType || one.reason, 120),
        ),
      ),
      h('p', { class: 'error-text' }, other(one.error, 240)),
      h(
        'p',
        { class: 'quiet' },
        badge(one.reason, 'off'),
        ' ',
        (one.mailboxes ?? [])
          .slice(0, 3)
          .map((mailbox, at) => [at > 0 && ', ', other(mailbox.name, 80), one.mailboxes.length > 1 && ` (${number(mailbox.count)})`]),
        one.mailboxes?.length > 3 && ` and ${number(one.mailboxes.length - 3)} more`,
      ),
    ),
    h('p', { class: 'group-when' }, 'last ', ago(one.last), h('br'), h('span', { class: 'quiet' }, 'first ', ago(one.first))),
  );

function oneByOne(parts, query) {
  const filter = fullFilter(parts, query);
  const data = state.data.found;
  const items = data?.deadLetters ?? [];
  const first = items[0];
  const isGroup = parts[1] && parts[1] !== 'all';
  return [
    h('nav', { class: 'trail', 'aria-label': 'Above' }, h('a', { href: link(['dead-letters']) }, 'Dead letters')),
    heading(
      isGroup ? other(first ? first.errorType : 'Group', 120) : 'Dead letters, one by one',
      isGroup && first ? other(first.errorMessage, 300) : 'Newest first.',
      items.length > 0 && acts(filter),
    ),
    filterForm(query, isGroup ? parts.slice(0, 2) : ['dead-letters', 'all']),
    h('div', { class: 'chips' }, chips(filterOf(query))),
    missing('found', 'dead letters') ??
      (items.length === 0
        ? isGroup && Object.keys(filterOf(query)).length === 0
          ? empty(
              'This group is empty',
              'Its dead letters were replayed or deleted.',
              h('a', { class: 'button', href: link(['dead-letters']) }, 'All groups'),
            )
          : none(query)
        : [
            table(
              'Dead letters',
              [
                {
                  name: 'Subject',
                  kind: 'wide',
                  cell: one =>
                    h(
                      'div',
                      null,
                      h(
                        'a',
                        {
                          href: link(['dead-letters', isGroup ? parts[1] : 'all', one.id], filterOf(query)),
                          'data-row': true,
                        },
                        other(one.subject || '(no subject)', 140),
                      ),
                      h('small', { class: 'under' }, other(one.from, 120)),
                    ),
                },
                { name: 'Mailbox', kind: 'name', cell: one => other(one.mailbox, 80) },
                !isGroup && { name: 'Error', kind: 'name', cell: one => other(one.errorType, 80) },
                { name: 'Replays', kind: 'num', cell: one => (one.replays ? number(one.replays) : '') },
                { name: 'When', cell: one => ago(one.lastFailure) },
              ].filter(Boolean),
              items,
              one => one.id,
            ),
            more(data.after, list),
          ]),
  ];
}
