// Pause and resume, for everything, a mailbox or the consumers.
import { h } from './dom.js';
import { post, put } from './api.js';
import { dialogForm, openDialog } from './dialog.js';
import { field } from './parts.js';
import { partition, partitions, refresh, scope, state } from './state.js';
import { toast } from './say.js';

/** Asks what to pause and why. */
export function openPause(preset = 'everything', mailbox = '') {
  const choice = { scope: preset, mailbox: mailbox || partition()?.mailboxes[0]?.name || '' };
  openDialog('Pause', dialog =>
    dialogForm(
      dialog,
      [
        field(
          'What',
          h(
            'select',
            {
              name: 'scope',
              value: choice.scope,
              onchange: e => {
                choice.scope = e.target.value;
                dialog.redraw();
              },
            },
            h('option', { value: 'everything' }, 'Everything'),
            h('option', { value: 'consumers' }, 'The consumers'),
            h('option', { value: 'mailbox' }, 'One mailbox'),
          ),
        ),
        choice.scope === 'mailbox' &&
          field(
            'Mailbox',
            h(
              'select',
              {
                name: 'mailbox',
                value: choice.mailbox,
                onchange: e => {
                  choice.mailbox = e.target.value;
                },
              },
              (partition()?.mailboxes ?? []).map(one => h('option', { key: one.name, value: one.name }, one.name)),
            ),
          ),
        field(
          'Reason',
          h('input', { name: 'reason', maxlength: 200, autocomplete: 'off', autofocus: true }),
          'Others see it here and in the audit.',
        ),
        partitions().length > 1 &&
          choice.scope !== 'mailbox' &&
          h('label', { class: 'check' }, h('input', { type: 'checkbox', name: 'all' }), `In all ${partitions().length} partitions`),
        h('p', { class: 'note' }, notes[choice.scope]),
      ],
      'Pause',
      async form => {
        state.data.control = await post(
          'control/pause',
          {
            scope: choice.scope,
            ...(choice.scope === 'mailbox' ? { mailbox: choice.mailbox } : {}),
            reason: form.get('reason') || undefined,
          },
          form.get('all') ? { partition: '*' } : scope(),
        );
        toast('Paused.');
        refresh();
      },
    ),
  );
}

const notes = {
  everything: 'No mailbox is polled and nothing new is processed. Work that has begun ends. Nothing is lost: mail waits on its server.',
  consumers: 'Mailboxes are polled on; mail waits in the stream until its limit. Work that has begun ends.',
  mailbox: 'The mailbox is not polled. Its mail waits on the server.',
};

/** Ends a pause, after one question. */
export function openResume(one) {
  openDialog('Resume', dialog =>
    dialogForm(
      dialog,
      [
        h(
          'p',
          null,
          one.scope === 'mailbox'
            ? `Poll ${one.name} again?`
            : one.scope === 'consumers'
              ? 'Process mail again?'
              : 'Poll and process again?',
        ),
        one.reason && h('p', { class: 'note' }, `It was paused because: ${one.reason}`),
      ],
      'Resume',
      async () => {
        state.data.control = await post(
          'control/resume',
          {
            scope: one.scope,
            ...(one.scope === 'mailbox' ? { mailbox: one.name } : {}),
          },
          scope(),
        );
        toast('Resumed.');
        refresh();
      },
    ),
  );
}

/** Asks how many emails each consumer processes at a time. */
export function openConcurrency() {
  const now = partition()?.concurrency;
  openDialog('Concurrency', dialog =>
    dialogForm(
      dialog,
      [
        field(
          'Emails in work at a time, for each consumer',
          h('input', {
            name: 'value',
            type: 'number',
            min: 1,
            max: 1000,
            inputmode: 'numeric',
            autofocus: true,
            value: now ?? '',
          }),
          'Between 1 and 1,000. Empty: the setting Consumer:Concurrency counts again.',
        ),
      ],
      'Set',
      async form => {
        const text = String(form.get('value')).trim();
        await put('control/concurrency', { concurrency: text === '' ? null : Number(text) }, scope());
        toast(text === '' ? 'The setting counts again.' : `Concurrency is ${text}.`);
        refresh();
      },
    ),
  );
}
