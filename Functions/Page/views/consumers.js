// The consumers, and what is in work in this process.
import { h } from '../dom.js';
import { get } from '../api.js';
import { openConcurrency, openPause, openResume } from '../control.js';
import { count, isNumber, number, other, seconds } from '../format.js';
import { badge, button, empty, facts, heading, table } from '../parts.js';
import { canControl, partition, pauses, state } from '../state.js';

export const consumers = {
  name: 'Consumers',
  title: () => 'Consumers',
  load: () => ({ control: () => get('control') }),
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
              { name: 'Consumer', kind: 'wide', cell: one => other(one.name) },
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
      Array.isArray(shown.inFlight) &&
        h(
          'section',
          null,
          h('h2', null, 'In work in this process'),
          shown.inFlight.length === 0
            ? h('p', { class: 'quiet' }, 'Nothing at the moment.')
            : table(
                'In work in this process',
                [
                  { name: 'Mailbox', kind: 'wide', cell: one => other(one.mailbox) },
                  { name: 'UID', kind: 'num', cell: one => one.uid },
                  { name: 'Entry ID', cell: one => h('code', null, one.entryId) },
                  { name: 'Delivery', kind: 'num', cell: one => number(one.deliveryCount) },
                  { name: 'Since', kind: 'num', cell: one => seconds(one.startedAgoSeconds) },
                ],
                shown.inFlight,
                one => one.entryId,
              ),
        ),
    ];
  },
};
