// The mailboxes: how polling goes, and what to do about it.
import { h } from '../dom.js';
import { get, post } from '../api.js';
import { openPause, openResume } from '../control.js';
import { dialogForm, openDialog } from '../dialog.js';
import { ago, count, isNumber, number, other } from '../format.js';
import { badge, button, empty, facts, field, heading, table } from '../parts.js';
import { go, link } from '../route.js';
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
  if (one.state) return [one.state, kinds[one.state] ?? 'off'];
  if (one.parked) return ['parked', 'bad'];
  return one.error ? ['failing', 'warn'] : one.lastSuccess ? ['polled', 'good'] : ['not polled yet', 'off'];
}

export const mailboxes = {
  name: 'Mailboxes',
  title: parts => parts[1] ?? 'Mailboxes',
  load: () => ({ control: () => get('control') }),
  draw(parts) {
    const shown = partition();
    if (parts[1] !== undefined)
      return one(
        shown.mailboxes.find(mailbox => mailbox.name === parts[1]),
        parts[1],
      );
    return [
      heading('Mailboxes', `${count(shown.mailboxes.length, 'mailbox', 'mailboxes')} of this partition.`),
      shown.mailboxes.length === 0
        ? empty(
            'No mailbox yet',
            'Configure one in local.settings.json or in the app’s settings (docs/accounts.md). It is here after its first poll.',
          )
        : table(
            'Mailboxes',
            [
              { name: 'Mailbox', kind: 'wide', cell: mailbox => h('a', { href: link(['mailboxes', mailbox.name]) }, other(mailbox.name)) },
              { name: 'State', cell: mailbox => badge(...mailboxState(mailbox)) },
              { name: 'Behind', kind: 'num', cell: mailbox => behind(mailbox) },
              { name: 'Last UID', kind: 'num', cell: mailbox => number(mailbox.lastUid) },
              { name: 'Last success', cell: mailbox => ago(mailbox.lastSuccess) },
            ],
            shown.mailboxes,
            mailbox => mailbox.name,
          ),
    ];
  },
};

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
      h('span', null, badge(...mailboxState(mailbox)), ' ', mailbox.stateText),
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
            'Reads older mail again, by the days on which it arrived. What was processed before is not processed twice.',
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
