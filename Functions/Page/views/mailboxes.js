// The mailboxes: how polling goes, and what to do about it.
import { h } from '../dom.js';
import { get, post } from '../api.js';
import { openPause, openResume } from '../control.js';
import { dialogForm, openDialog } from '../dialog.js';
import { ago, count, dayTime, entryOf, isNumber, number, other } from '../format.js';
import { badge, button, empty, facts, field, heading, table } from '../parts.js';
import { go, link, replaceQuery } from '../route.js';
import { act, toast } from '../say.js';
import { canControl, partition, pauses, refresh, scope, state } from '../state.js';

const kinds = {
  polling: 'busy',
  watching: 'good',
  waiting: 'good',
  'backing off': 'warn',
  paused: 'off',
  parked: 'bad',
  removed: 'off',
};

/** The word and the colour of a mailbox's state. An older process has no state. */
export function mailboxState(one) {
  if (one.state) {
    const kind = entryOf(kinds, one.state) ?? 'off';
    return [one.state, kind === 'good' && one.error ? 'warn' : kind];
  }
  if (one.parked) return ['parked', 'bad'];
  return one.error ? ['failing', 'warn'] : one.lastSuccess ? ['polled', 'good'] : ['not polled yet', 'off'];
}

/** The badges of a mailbox. A parked one may be paused, or polled, as well. */
export const stateBadges = one => {
  const [word, kind] = mailboxState(one);
  return one.parked && word !== 'parked' ? [badge(word, kind), ' ', badge('parked', 'bad')] : badge(word, kind);
};

// What the filter finds a mailbox by, as the advice counts it: a pause of everything hides neither a parked mailbox nor a pause of its own.
function statesOf(one) {
  const [word] = mailboxState(one);
  const isWithAll = word === 'paused' && pauses().some(pause => pause.scope === 'everything') && !pausedAs(one.name);
  return [...new Set([...(one.parked ? ['parked'] : []), isWithAll ? pausedWithAll : word])];
}

const pausedWithAll = 'paused with all';

export const mailboxes = {
  name: 'Mailboxes',
  title: parts => parts[1] ?? 'Mailboxes',
  load: () => ({ control: () => get('control') }),
  draw(parts, query) {
    const shown = partition();
    if (parts[1] !== undefined)
      return one(
        shown.mailboxes.find(mailbox => mailbox.name === parts[1]),
        parts[1],
      );
    const states = countStates(shown.mailboxes);
    const found = worstFirst(shown.mailboxes).filter(
      mailbox =>
        mailbox.name.toLowerCase().includes((query.text ?? '').toLowerCase()) && (!query.state || statesOf(mailbox).includes(query.state)),
    );
    return [
      heading('Mailboxes', summary(shown.mailboxes, states)),
      (shown.mailboxes.length > fewMailboxes || query.text || query.state) && finder(parts, query, states, found.length),
      shown.mailboxes.length === 0
        ? empty(
            'No mailbox yet',
            'Configure one in local.settings.json or in the app’s settings (docs/accounts.md). It is here after its first poll.',
          )
        : found.length === 0
          ? empty('No such mailbox', 'Change the text or the state above.')
          : table(
              'Mailboxes',
              [
                {
                  name: 'Mailbox',
                  kind: 'wide',
                  cell: mailbox => h('a', { href: link(['mailboxes', mailbox.name]) }, other(mailbox.name, 160)),
                },
                { name: 'State', cell: stateCell },
                { name: 'Behind', kind: 'num', cell: mailbox => behind(mailbox) },
                { name: 'Last UID', kind: 'num', cell: mailbox => number(mailbox.lastUid) },
                { name: 'Last success', cell: mailbox => ago(mailbox.lastSuccess) },
              ],
              found,
              mailbox => mailbox.name,
            ),
    ];
  },
};

// As many are seen at a glance.
const fewMailboxes = 8;

const ranks = { bad: 0, warn: 1, off: 2 };
const rank = one => (one.parked ? ranks.bad : (ranks[mailboxState(one)[1]] ?? 3));

/** The mailboxes that need somebody first, then by name. */
export const worstFirst = all => [...all].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));

function countStates(all) {
  const states = new Map();
  for (const one of worstFirst(all)) for (const name of statesOf(one)) states.set(name, (states.get(name) ?? 0) + 1);
  return states;
}

function summary(all, states) {
  const words = ['parked', 'backing off', 'paused', pausedWithAll]
    .filter(name => states.has(name))
    .map(name => `${number(states.get(name))} ${name}`);
  return `${count(all.length, 'mailbox', 'mailboxes')}${words.length > 0 ? `: ${words.join(', ')}` : ' of this partition'}.`;
}

// The state in the address stays a choice when no mailbox has it any more.
const choices = (states, chosen) => (chosen && !states.has(chosen) ? [...states, [chosen, 0]] : [...states]);

const finder = (parts, query, states, found) =>
  h(
    'form',
    { class: 'filter', role: 'search', onsubmit: e => e.preventDefault() },
    h(
      'label',
      { class: 'grow' },
      h('span', { class: 'said' }, 'Find a mailbox'),
      h('input', {
        type: 'search',
        'data-find': true,
        placeholder: 'Find a mailbox',
        value: query.text ?? '',
        oninput: e => replaceQuery(parts, { ...query, text: e.target.value }),
      }),
    ),
    h(
      'label',
      null,
      h('span', { class: 'said' }, 'State'),
      h(
        'select',
        { value: query.state ?? '', onchange: e => replaceQuery(parts, { ...query, state: e.target.value }) },
        h('option', { value: '' }, 'All states'),
        choices(states, query.state).map(([name, value]) => h('option', { key: name, value: name }, `${name} (${number(value)})`)),
      ),
    ),
    h('span', { class: 'quiet', role: 'status' }, count(found, 'mailbox', 'mailboxes')),
  );

const stateCell = one =>
  h(
    'div',
    { class: 'state-cell' },
    h('span', null, stateBadges(one), one.until && h('small', null, ` until ${dayTime(one.until)}`)),
    one.error && h('small', null, other(one.error, 160)),
  );

const behind = one => (isNumber(one.behind) ? number(one.behind) : '–');

const pausedAs = name => pauses().find(pause => pause.scope === 'mailbox' && pause.name === name);

function one(mailbox, name) {
  if (!mailbox) {
    return [
      heading(name),
      empty(
        'This process does not know the mailbox',
        'It was removed from the settings, or belongs to another partition.',
        h('a', { class: 'button', href: link(['mailboxes']) }, 'All mailboxes'),
      ),
    ];
  }
  const pause = pausedAs(name);
  const can = canControl();
  return [
    heading(
      other(name),
      h('span', null, stateBadges(mailbox), ' ', mailbox.stateText),
      can &&
        button('Poll now', () =>
          act(
            () => post('mailboxes/poll', { mailbox: name }, scope()),
            answer => answer?.note || 'A poll is asked for.',
          ).then(refresh),
        ),
      can && (pause ? button('Resume', () => openResume(pause)) : button('Pause …', () => openPause('mailbox', name))),
      can &&
        mailbox.parked &&
        button('Unpark', () =>
          act(
            () => post('mailboxes/unpark', { mailbox: name }, scope()),
            answer => answer?.note || 'Unparked.',
          ).then(refresh),
        ),
    ),
    mailbox.error &&
      h(
        'section',
        { class: 'panel bad' },
        h('h2', null, 'Last error'),
        h('p', { class: 'error-text' }, other(mailbox.error, 1000)),
        h('p', { class: 'quiet' }, ago(mailbox.errorAt)),
      ),
    facts([
      ['Last success', ago(mailbox.lastSuccess)],
      ['Last UID', number(mailbox.lastUid), isNumber(mailbox.uidNext) && `next is ${number(mailbox.uidNext)}`],
      ['Behind', behind(mailbox), 'UIDs above the cursor'],
      ['UIDVALIDITY', mailbox.uidValidity ?? '–'],
      isNumber(mailbox.lastPollAppended) && ['Last poll', number(mailbox.lastPollAppended), 'emails'],
      isNumber(mailbox.pollsPerHour) && ['Polls', number(mailbox.pollsPerHour), 'an hour'],
      mailbox.until && ['Until', ago(mailbox.until)],
    ]),
    h(
      'section',
      null,
      h('h2', null, 'More'),
      h(
        'ul',
        { class: 'choices' },
        choice(
          'Dead letters of this mailbox',
          'What could not be processed.',
          h('a', { class: 'button', href: link(['dead-letters'], { mailbox: name }) }, 'Show'),
        ),
        can &&
          choice(
            'Backfill',
            'Reads older mail, by the days on which it arrived. What was processed within Streams:ProcessedRetention is skipped, '
              + 'and what was processed earlier is processed again.',
            button('Backfill …', () => openBackfill(name)),
          ),
        can &&
          choice(
            'Pass over an email',
            'Where each poll stops before the same UID. It becomes a dead letter that says who asked.',
            button('Pass over …', () => openForget(name)),
          ),
      ),
    ),
  ];
}

const choice = (title, text, action) =>
  h('li', { key: title }, h('div', null, h('h3', null, title), h('p', { class: 'quiet' }, text)), action);

function openBackfill(name) {
  openDialog('Backfill', dialog =>
    dialogForm(
      dialog,
      [
        h('p', { class: 'note' }, other(name)),
        field('From', h('input', { name: 'from', type: 'date', required: true, autofocus: true })),
        field('To', h('input', { name: 'to', type: 'date' }), 'Empty: until now.'),
      ],
      'Start',
      async form => {
        const job = await post('mailboxes/backfill', { mailbox: name, from: form.get('from'), to: form.get('to') || undefined }, scope());
        if (job?.id) go(['jobs', job.id]);
      },
    ),
  );
}

function openForget(name) {
  openDialog('Pass over an email', dialog =>
    dialogForm(
      dialog,
      [
        h('p', { class: 'note' }, 'The next poll continues behind it. The email itself stays in the mailbox.'),
        field(
          'UID',
          h('input', { name: 'uid', type: 'number', min: 1, max: 4294967295, required: true, inputmode: 'numeric', autofocus: true }),
        ),
      ],
      'Pass over',
      async form => {
        const answer = await post('mailboxes/forget', { mailbox: name, uid: Number(form.get('uid')) }, scope());
        toast(
          answer?.forgotten
            ? `The next poll passes over UID ${answer.uid}.`
            : `Polls do not stop at UID ${form.get('uid')}: nothing is changed.`,
        );
      },
      true,
    ),
  );
}
