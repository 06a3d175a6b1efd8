// The filter of dead letters, in the address and in words.
import { h } from './dom.js';
import { entryOf, other, safe } from './format.js';
import { field } from './parts.js';
import { go } from './route.js';
import { partition } from './state.js';

const filterNames = ['mailbox', 'fingerprint', 'reason', 'errorType', 'from', 'to', 'text'];
const reasons = [
  'permanent',
  'max-deliveries',
  'abandoned',
  'malformed',
  'oversize',
  'fetch-failed',
  'too-complex',
  'body-mismatch',
  'body-missing',
];

/** The filter that the address has. Empty values are left out. */
export const filterOf = query => Object.fromEntries(filterNames.filter(name => query[name]).map(name => [name, query[name]]));

/** The filter as a phrase: "all", or "of ann@…, reason permanent". Null fields count as absent. */
export function filterWords(filter) {
  if (typeof filter === 'string') {
    try {
      return filterWords(JSON.parse(filter));
    } catch {
      return safe(filter, 200);
    }
  }
  const words = Object.entries(filter ?? {})
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${entryOf({ errorType: 'error' }, name) ?? name} ${safe(value, 80)}`);
  return words.length === 0 ? 'all' : words.join(', ');
}

/** The form above lists of dead letters. It acts when it is sent, and on each change of a choice. */
export function filterForm(query, parts) {
  const apply = form => {
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
    for (const name of ['from', 'to']) if (values[name]) values[name] = new Date(values[name]).toISOString();
    go(parts, values);
  };
  const change = e => apply(e.target.form);
  const known = (partition()?.mailboxes ?? []).map(one => one.name);
  const names = query.mailbox && !known.includes(query.mailbox) ? [...known, query.mailbox] : known;
  const isFurther = ['reason', 'errorType', 'from', 'to'].some(name => query[name]);
  return h(
    'form',
    {
      class: 'filter',
      role: 'search',
      onsubmit: e => {
        e.preventDefault();
        apply(e.target);
      },
    },
    h(
      'label',
      { class: 'grow' },
      h('span', { class: 'said' }, 'Subject or sender'),
      h('input', {
        type: 'search',
        name: 'text',
        'data-find': true,
        placeholder: 'Subject or sender',
        value: query.text ?? '',
        maxlength: 200,
      }),
    ),
    h(
      'label',
      null,
      h('span', { class: 'said' }, 'Mailbox'),
      h(
        'select',
        { name: 'mailbox', value: query.mailbox ?? '', onchange: change },
        h('option', { value: '' }, 'All mailboxes'),
        names.map(name => h('option', { key: name, value: name }, safe(name, 80))),
      ),
    ),
    h(
      'details',
      { class: 'further', open: isFurther },
      h('summary', null, 'More filters'),
      h(
        'div',
        { class: 'fields' },
        field(
          'Reason',
          h(
            'select',
            { name: 'reason', value: query.reason ?? '', onchange: change },
            h('option', { value: '' }, 'Any'),
            reasons.map(one => h('option', { key: one, value: one }, one)),
          ),
        ),
        field('Error type', h('input', { name: 'errorType', value: query.errorType ?? '', maxlength: 200 })),
        field('From', h('input', { name: 'from', type: 'datetime-local', value: localTime(query.from) })),
        field('To', h('input', { name: 'to', type: 'datetime-local', value: localTime(query.to) })),
      ),
    ),
    h('button', { type: 'submit' }, 'Filter'),
  );
}

function localTime(value) {
  const time = new Date(value ?? NaN);
  if (Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

export const chips = filter =>
  Object.entries(filter).map(([name, value]) => h('span', { class: 'chip', key: name }, `${name}: `, other(value, 60)));
