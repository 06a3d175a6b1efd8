// Replay or delete several dead letters: first a preview of the count, then the same with the preview's token.
import { h } from './dom.js';
import { download, post } from './api.js';
import { openDialog } from './dialog.js';
import { clockTime, count, number } from './format.js';
import { go } from './route.js';
import { act } from './say.js';
import { scope } from './state.js';
import { filterWords } from './filter.js';

const kinds = {
  replay: { title: 'Replay', verb: 'replay', effect: 'They go back to the stream and are processed again.', style: 'primary' },
  purge: {
    title: 'Delete',
    verb: 'delete',
    effect: 'They are gone for good, with their messages. Export them first if you may need them.',
    style: 'danger',
  },
};

/** Shows what an action would do, and starts it. */
export function openBulk(action, filter) {
  const kind = kinds[action];
  const shown = { preview: null };
  const look = async dialog => {
    shown.preview = null;
    dialog.error = null;
    dialog.busy = true;
    dialog.redraw();
    try {
      shown.preview = await post(`dlq/${action}`, { filter, dryRun: true }, scope());
    } catch (e) {
      dialog.error = e.isMissingRoute ? 'This process cannot do this in bulk: it runs an older version.' : e.message;
    }
    dialog.busy = false;
    dialog.redraw();
  };
  const start = async dialog => {
    dialog.busy = true;
    dialog.error = null;
    dialog.redraw();
    try {
      const job = await post(`dlq/${action}`, { filter, token: shown.preview.token }, scope());
      dialog.close();
      go(['jobs', job.id]);
      return;
    } catch (e) {
      dialog.error = e.message;
      // What was previewed is no longer what would happen.
      if (e.status === 409) shown.preview = null;
    }
    dialog.busy = false;
    dialog.redraw();
  };
  const opened = openDialog(`${kind.title} dead letters`, dialog => [
    h('p', { class: 'note' }, 'Filter: ', filterWords(filter)),
    shown.preview ? body(kind, shown.preview) : !dialog.error && h('p', { class: 'loading' }, 'Counting …'),
    h(
      'div',
      { class: 'buttons' },
      shown.preview?.count > 0 &&
        h(
          'button',
          {
            type: 'button',
            class: kind.style,
            disabled: dialog.busy,
            onclick: () => start(dialog),
          },
          `${kind.title} ${number(shown.preview.count)}`,
        ),
      !shown.preview && dialog.error && h('button', { type: 'button', onclick: () => look(dialog) }, 'Preview again'),
      h('button', { type: 'button', onclick: dialog.close }, shown.preview?.count === 0 ? 'Close' : 'Cancel'),
    ),
  ]);
  look(opened);
}

const body = (kind, preview) =>
  preview.count === 0
    ? h('p', null, 'No dead letter matches.')
    : [
        h(
          'p',
          { class: 'preview' },
          h('span', { class: 'figure' }, number(preview.count)),
          ` ${preview.count === 1 ? 'dead letter' : 'dead letters'} to ${kind.verb}.`,
        ),
        h('p', null, kind.effect),
        preview.skipped > 0 &&
          h(
            'p',
            { class: 'note' },
            `${count(preview.skipped, 'more is', 'more are')} skipped: replayed ${number(preview.maxReplays)} times already.`,
          ),
        preview.expires && h('p', { class: 'quiet' }, `Those that came until now; this preview holds until ${clockTime(preview.expires)}.`),
      ];

export const exportAll = filter => act(() => download('dlq/export', { ...scope(), ...filter }, 'dead-letters.zip'), 'The file is saved.');
