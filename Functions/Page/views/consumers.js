// The consumers, and what they have in work.
import { h } from '../dom.js';
import { get } from '../api.js';
import { openConcurrency, openPause, openResume } from '../control.js';
import { count, entryOf, isNumber, number, other, seconds } from '../format.js';
import { badge, button, empty, facts, heading, missing, more, table } from '../parts.js';
import { link } from '../route.js';
import { canControl, partition, pauses, scope, state } from '../state.js';

const list = { limit: 50 };
const waits = { '(retry)': 'waits for its next run', '(large)': 'waits for room' };
const consumer = () => state.route.parts[1];
const who = name => entryOf(waits, name) ?? other(name, 60);

export const consumers = {
  name: 'Consumers',
  // Redis reads the entries of all deliveries that are listed.
  every: 5,
  title: () => 'Consumers',
  load: parts => ({
    control: () => get('control'),
    deliveries: () => get('deliveries', { ...scope(), consumer: parts[1], limit: list.limit }),
  }),
  draw() {
    const shown = partition();
    const can = canControl();
    const pause = pauses().find(one => one.scope === 'consumers');
    const { concurrency } = shown;
    return [
      heading(
        'Consumers',
        `${count(shown.consumers.length, 'consumer')}, ${number(shown.pending)} emails in work.`,
        can && button('Concurrency …', openConcurrency),
        can && (pause ? button('Resume', () => openResume(pause)) : button('Pause …', () => openPause('consumers'))),
      ),
      facts([
        ['Waiting', number(shown.lag), 'not yet delivered'],
        ['In work', number(shown.pending), 'delivered, not settled'],
        isNumber(concurrency) && ['Concurrency', number(concurrency), 'for each consumer'],
        ['Circuit breaker', state.status.circuitBreaker ?? '–', state.status.processorError ? 'see the last error' : null],
      ]),
      state.status.processorError &&
        h(
          'section',
          { class: 'panel warn' },
          h('h2', null, 'Last error of the processor'),
          h('p', { class: 'error-text' }, other(state.status.processorError, 1000)),
        ),
      shown.consumers.length === 0
        ? empty(
            'No consumer is running',
            'With KEDA, consumers start when mail waits. Locally, start one: ./run.sh, or the command consume.',
          )
        : table(
            'Consumers',
            [
              { name: 'Consumer', kind: 'wide', cell: one => h('a', { href: link(['consumers', one.name]) }, who(one.name)) },
              {
                name: 'State',
                cell: one => (one.paused ? badge('paused', 'off') : one.pending > 0 ? badge('working', 'busy') : badge('idle', 'good')),
              },
              { name: 'In work', kind: 'num', cell: one => number(one.pending) },
              { name: 'Oldest', kind: 'num', cell: one => seconds(one.oldestInFlightSeconds) },
              { name: 'Last seen', kind: 'num', cell: one => seconds(one.idleSeconds) },
            ],
            shown.consumers,
            one => one.name,
          ),
      h(
        'section',
        null,
        h('h2', null, consumer() ? ['In work: ', who(consumer())] : 'In work, of all consumers'),
        consumer() && h('p', null, h('a', { href: link(['consumers']) }, 'All consumers')),
        deliveries(),
      ),
    ];
  },
};

function deliveries() {
  const absent = missing('deliveries', 'deliveries');
  const items = state.data.deliveries?.deliveries ?? [];
  if (absent || items.length === 0) return absent ?? h('p', { class: 'quiet' }, 'Nothing at the moment.');
  return [
    table(
      'In work',
      [
        {
          name: 'Email',
          kind: 'wide',
          cell: one => [other(one.mailbox ?? '–'), h('br'), h('small', null, other(one.subject ?? '', 120))],
        },
        { name: 'UID', kind: 'num', cell: one => one.uid ?? '–' },
        { name: 'Entry ID', cell: one => h('code', null, one.entryId) },
        { name: 'Consumer', cell: one => who(one.consumer) },
        { name: 'Delivery', kind: 'num', cell: one => number(one.deliveryCount) },
        { name: 'In the stream', kind: 'num', cell: one => seconds(one.ageSeconds) },
        { name: 'Renewed', kind: 'num', cell: one => seconds(one.idleSeconds) },
      ],
      items,
      one => one.entryId,
    ),
    more(state.data.deliveries.after, list),
  ];
}
