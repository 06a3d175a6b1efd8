// What needs action, in plain words, with what to do.
import { h } from './dom.js';
import { ago, count, safe } from './format.js';
import { link } from './route.js';
import { partition, pauses, state } from './state.js';
import { openResume } from './control.js';

// Where to look, by the code of the advice.
const targets = [
  [/dead-?letter/i, ['dead-letters']],
  [/park|mailbox/i, ['mailboxes']],
  [/consumer|group|lag/i, ['consumers']],
];
const targetOf = code => targets.find(([pattern]) => pattern.test(code))?.[1];

/** The list above the picture. An older process has warnings without advice. */
export function adviceList() {
  const shown = partition();
  if (!shown) return null;
  const items = itemsOf(shown);
  if (items.length === 0) {
    return h('p', { class: 'calm' }, h('span', { class: 'dot good', 'aria-hidden': 'true' }), 'All is well. Nothing needs you.');
  }
  return h(
    'ul',
    { class: 'advice', 'aria-label': 'What needs you' },
    items.map(item =>
      h(
        'li',
        { key: item.code + item.text, class: item.kind ?? 'warn' },
        h('div', null, h('p', { class: 'advice-text' }, item.text), item.action && h('p', { class: 'advice-action' }, item.action)),
        item.button ?? (targetOf(item.code) && h('a', { class: 'button', href: link(targetOf(item.code)) }, 'Show')),
      ),
    ),
  );
}

export const adviceCount = shown => (shown ? itemsOf(shown).length : 0);

const itemsOf = shown => [...pausesToShow(), ...problems(shown), ...parked(shown), ...given(shown)];

// More of a kind are one line, so that the picture below stays in view.
const few = 3;

function parked(shown) {
  const all = shown.mailboxes.filter(one => one.parked);
  if (all.length <= few) {
    return all.map(one => ({
      code: 'parked',
      text: `Mailbox ${safe(one.name, 120)} is parked: its sign-in is refused.`,
      action: 'Correct the account, then press Unpark. Its page says what is wrong.',
      button: h('a', { class: 'button', href: link(['mailboxes', one.name]) }, 'Show'),
    }));
  }
  return [
    {
      code: 'parked',
      text: `${count(all.length, 'mailbox', 'mailboxes')} are parked: their sign-in is refused.`,
      action: 'Correct the accounts, then press Unpark. The page of each says what is wrong.',
      button: h('a', { class: 'button', href: link(['mailboxes'], { state: 'parked' }) }, 'Show'),
    },
  ];
}

function pausesToShow() {
  const ofMailboxes = pauses().filter(one => one.scope === 'mailbox');
  const isMany = ofMailboxes.length > few;
  const items = pauses().filter(one => !isMany || one.scope !== 'mailbox').map(one => ({
    code: `pause-${one.scope}-${one.name ?? ''}`,
    text: pausedText(one),
    action: [one.who && `By the key ${one.who}, `, ago(one.since, ''), one.reason && `: ${one.reason}`],
    kind: 'hold',
    button: h('button', { type: 'button', onclick: () => openResume(one) }, 'Resume'),
  }));
  if (isMany) {
    items.push({
      code: 'pause-mailboxes',
      text: `${count(ofMailboxes.length, 'mailbox', 'mailboxes')} are paused: their new mail stays on the server.`,
      kind: 'hold',
      button: h('a', { class: 'button', href: link(['mailboxes'], { state: 'paused' }) }, 'Show'),
    });
  }
  if (items.length === 0 && state.status?.paused === true) items.push({ code: 'paused', text: 'Everything is paused.', kind: 'hold' });
  return items;
}

function pausedText(one) {
  if (one.scope === 'everything') return 'Everything is paused: no mailbox is polled, and nothing new is processed.';
  if (one.scope === 'mailbox') return `Mailbox ${safe(one.name, 120)} is paused: its new mail stays on the server.`;
  return 'The consumers are paused: mail is stored, and waits to be processed.';
}

function problems(shown) {
  const items = [];
  if (shown.problem)
    items.push({
      code: 'problem',
      kind: 'bad',
      text: `Redis refuses a command: ${shown.problem}`,
      action: 'Correct the rights or the type of that key (docs/security.md).',
    });
  if (state.status.circuitBreaker && state.status.circuitBreaker !== 'closed') {
    items.push({
      code: 'circuit',
      text: `The circuit breaker is ${state.status.circuitBreaker}: the processor fails, so nothing new is given to it.`,
      action: state.status.processorError ? `Last error: ${state.status.processorError}` : 'Look at the log for the processor’s error.',
    });
  }
  return items;
}

// Pauses and parked mailboxes are above, with their button. Warnings may say more than the advice.
function given(shown) {
  const advice = (shown.advice ?? []).filter(one => !/^(paused|parked)/.test(one.code ?? ''));
  const items = advice.map(one => ({ code: one.code ?? '', text: one.text, action: one.action }));
  const isSaid = text =>
    advice.some(one => one.text === text) || (shown.advice && shown.mailboxes.some(one => one.parked && text.includes(one.name)));
  items.push(...(shown.warnings ?? []).filter(text => !isSaid(text)).map(text => ({ code: 'warning', text })));
  if (!shown.advice && shown.dlqDepth > 0) {
    items.push({
      code: 'dead-letters',
      text: `${count(shown.dlqDepth, 'dead letter')} ${shown.dlqDepth === 1 ? 'waits' : 'wait'} for a decision.`,
      action: 'Look at the groups, correct the cause, and replay them.',
    });
  }
  return items;
}
