// Keyboard shortcuts, and the dialog that lists them. They can be switched off, as WCAG 2.1.4 asks.
import { h } from './dom.js';
import { isDialogOpen, openDialog } from './dialog.js';
import { go } from './route.js';
import { openPause } from './control.js';
import { canControl, refresh, state } from './state.js';
import { nextTheme } from './theme.js';

const setting = 'email-ingestion-shortcuts';
const places = { o: [], m: ['mailboxes'], c: ['consumers'], d: ['dead-letters'], j: ['jobs'], a: ['audit'], s: ['settings'] };
const list = [
  ['g o', 'Overview'],
  ['g m', 'Mailboxes'],
  ['g c', 'Consumers'],
  ['g d', 'Dead letters'],
  ['g j', 'Jobs'],
  ['g a', 'Audit'],
  ['g s', 'Settings'],
  ['j  k', 'Next and previous row'],
  ['/', 'Find'],
  ['p', 'Pause …'],
  ['r', 'Ask now'],
  ['t', 'Light, dark, or as the system'],
  ['?', 'This help'],
];
// When g was pressed: a key soon after it leads to a view.
const sequence = { at: -Infinity };
const areOn = () => localStorage.getItem(setting) !== 'off';

export function openHelp() {
  openDialog('Keyboard', dialog => [
    h(
      'dl',
      { class: 'shortcuts' },
      list.map(([key, text]) => h('div', { key }, h('dt', null, h('kbd', null, key)), h('dd', null, text))),
    ),
    h(
      'label',
      { class: 'check' },
      h('input', {
        type: 'checkbox',
        checked: areOn(),
        onchange: e => localStorage.setItem(setting, e.target.checked ? 'on' : 'off'),
      }),
      'Shortcuts are on',
    ),
    h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'primary', onclick: dialog.close }, 'Close')),
  ]);
}

export function listenToKeys() {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || isDialogOpen() || isTyping(event.target) || !areOn() || !state.status) return;
    if (press(event.key, performance.now())) event.preventDefault();
  });
}

const isTyping = target => target.closest?.('input, select, textarea') !== null;

function press(key, at) {
  if (at - sequence.at < 1500 && places[key]) {
    sequence.at = -Infinity;
    go(places[key]);
    return true;
  }
  sequence.at = key === 'g' ? at : -Infinity;
  const action = actions[key];
  action?.();
  return Boolean(action);
}

const actions = {
  '?': openHelp,
  '/': () => document.querySelector('[data-find]')?.focus(),
  p: () => canControl() && openPause(),
  r: () => refresh(),
  t: nextTheme,
  j: () => step(1),
  k: () => step(-1),
};

function step(by) {
  const rows = [...document.querySelectorAll('main [data-row], main tbody a, main .lines a')];
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
}
