// Replay or delete several dead letters: first a preview of the count, then the same with the preview's token.
import { h } from './dom.js';
import { countTimeout, download, post } from './api.js';
import { openDialog } from './dialog.js';
import { clockTime, count, dayTime, number } from './format.js';
import { go } from './route.js';
import { toast } from './say.js';
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
  const look = dialog => {
    shown.preview = null;
    return dialog.run(
      async () => {
        shown.preview = await post(`dlq/${action}`, { filter, dryRun: true }, scope(), countTimeout);
      },
      {
        closes: false,
        explain: e => (e.isMissingRoute ? 'This process cannot do this in bulk: it runs an older version.' : e.message),
      },
    );
  };
  const start = dialog =>
    dialog.run(
      async () => {
        const job = await post(`dlq/${action}`, { filter, token: shown.preview.token }, scope());
        dialog.close();
        go(['jobs', job.id]);
      },
      {
        explain: e => {
          // What was previewed is no longer what would happen.
          if (e.status === 409) shown.preview = null;
          return e.message;
        },
      },
    );
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

// There were too many to read.
const part = preview =>
  preview.whole === false &&
  h('p', { class: 'note' }, `Counted up to ${dayTime(Number(preview.until.split('-')[0]))}. For later ones choose a later From.`);

const body = (kind, preview) =>
  preview.count === 0
    ? [h('p', null, 'No dead letter matches.'), part(preview)]
    : [
        h(
          'p',
          { class: 'preview' },
          h('span', { class: 'figure' }, number(preview.count)),
          ` ${preview.count === 1 ? 'dead letter' : 'dead letters'} to ${kind.verb}.`,
        ),
        h('p', null, kind.effect),
        part(preview),
        preview.skipped > 0 &&
          h(
            'p',
            { class: 'note' },
            `${count(preview.skipped, 'more is', 'more are')} skipped: replayed ${number(preview.maxReplays)} times already.`,
          ),
        preview.expires && h('p', { class: 'quiet' }, `Those that came until now; this preview holds until ${clockTime(preview.expires)}.`),
      ];

/** Saves the dead letters of a filter. One file has a limit: where it is reached, the next part can be saved. */
export function exportAll(filter) {
  const shown = { part: 0, after: undefined };
  const save = dialog =>
    dialog.run(
      async () => {
        const name = shown.part === 0 ? 'dead-letters.zip' : `dead-letters-${shown.part + 1}.zip`;
        const end = await download('dlq/export', { ...scope(), ...filter, after: shown.after }, name);
        // The comment of a zip is at its end.
        shown.after = /after=(\d+-\d+)$/.exec(end)?.[1];
        shown.part++;
        if (shown.after) return;
        toast(shown.part === 1 ? 'The file is saved.' : `All ${number(shown.part)} files are saved.`);
        dialog.close();
      },
      { closes: false },
    );
  const opened = openDialog('Export dead letters', dialog => [
    h('p', { class: 'note' }, 'Filter: ', filterWords(filter)),
    dialog.busy
      ? h('p', { class: 'loading' }, `Saving part ${number(shown.part + 1)} …`)
      : shown.after && h('p', { role: 'status' }, `Part ${number(shown.part)} is saved. It is full, and more dead letters match.`),
    h(
      'div',
      { class: 'buttons' },
      !dialog.busy &&
        h(
          'button',
          { type: 'button', class: 'primary', onclick: () => save(dialog) },
          dialog.error ? 'Try again' : `Save part ${number(shown.part + 1)}`,
        ),
      h('button', { type: 'button', onclick: dialog.close }, 'Close'),
    ),
  ]);
  save(opened);
}
