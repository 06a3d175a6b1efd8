// One dialog at a time. The browser keeps the focus inside and gives it back at the end.
import { h, render } from './dom.js';

const element = () => document.getElementById('dialog');
let current = null;

/** Opens a dialog whose content `draw(dialog)` describes; `dialog.redraw()` draws it again, `dialog.close()` ends it. */
export function openDialog(title, draw) {
  const host = element();
  const dialog = {
    busy: false,
    error: null,
    redraw: () => {
      if (current !== dialog) return;
      render(host, [
        h('h2', { id: 'dialog-title' }, title),
        draw(dialog),
        dialog.error && h('p', { class: 'problem', role: 'alert' }, dialog.error),
      ]);
    },
    close: () => {
      if (current === dialog) host.close();
    },
    /** Runs the dialog's action: closes on success, unless it is one of several; else shows the error. */
    run: async (work, { closes = true, explain = e => e.message } = {}) => {
      dialog.busy = true;
      dialog.error = null;
      dialog.redraw();
      try {
        await work();
        if (closes) dialog.close();
      } catch (e) {
        dialog.error = explain(e);
      }
      dialog.busy = false;
      dialog.redraw();
    },
  };
  current = dialog;
  host.setAttribute('aria-labelledby', 'dialog-title');
  host.onclose = () => {
    current = null;
    render(host, []);
  };
  dialog.redraw();
  if (!host.open) host.showModal();
  return dialog;
}

export const isDialogOpen = () => element().open;

/** A form in a dialog: fields, a button that acts, and Cancel. */
export const dialogForm = (dialog, fields, label, submit, danger = false) =>
  h(
    'form',
    {
      onsubmit: e => {
        e.preventDefault();
        if (!dialog.busy) dialog.run(() => submit(new FormData(e.target)));
      },
    },
    fields,
    h(
      'div',
      { class: 'buttons' },
      h('button', { class: danger ? 'danger' : 'primary', type: 'submit', disabled: dialog.busy }, dialog.busy ? 'Working …' : label),
      h('button', { type: 'button', onclick: dialog.close }, 'Cancel'),
    ),
  );
