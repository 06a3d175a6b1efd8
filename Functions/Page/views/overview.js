// The flow of mail as a picture with figures, and what needs action above it.
import { h, svg } from '../dom.js';
import { get } from '../api.js';
import { adviceList } from '../advice.js';
import { openPause } from '../control.js';
import { ago, bytes, count, isNumber, number, other, percent, rate, seconds } from '../format.js';
import { badge, button, facts, heading, spark } from '../parts.js';
import { link } from '../route.js';
import { canControl, partition, state } from '../state.js';
import { stateBadges, worstFirst } from './mailboxes.js';

export const overview = {
  name: 'Overview',
  title: () => 'Overview',
  load: () => ({ control: () => get('control') }),
  draw() {
    const shown = partition();
    return [
      heading('Overview', summary(shown), canControl() && button('Pause …', () => openPause(), { 'aria-keyshortcuts': 'p' })),
      adviceList(),
      flow(shown),
      pace(shown),
      h('div', { class: 'halves' }, worst(shown), inWork(shown)),
    ];
  },
};

function summary(shown) {
  const waiting = shown.lag ?? 0;
  if (!shown.depth) return 'Nothing waits in the stream.';
  return `${count(waiting, 'email')} waiting, ${number(shown.pending)} in work.`;
}

const sum = (history, name) => history.reduce((all, item) => all + (item?.[name] ?? 0), 0);

function flow(shown) {
  const history = (shown.history ?? []).filter(item => item?.settled !== undefined);
  const rates = shown.rates ?? {};
  const parked = shown.mailboxes.filter(one => one.parked).length;
  return h(
    'section',
    { class: 'flow', 'aria-label': 'The flow of mail' },
    stage(
      'Mailboxes',
      ['mailboxes'],
      number(shown.mailboxes.length),
      parked ? `${number(parked)} parked` : polled(shown),
      spark(shown.history, 'appended', 'Emails appended'),
      'mailboxes',
    ),
    pipe(rates.appendsPerMinute, 'in'),
    stage(
      'Stream',
      ['consumers'],
      number(shown.depth),
      `${number(shown.lag)} waiting · ${number(shown.pending)} in work`,
      spark(shown.history, 'depth', 'Outstanding emails', 'area'),
      'stream',
    ),
    pipe(isNumber(rates.settledPerMinute) ? rates.settledPerMinute + (rates.deadLettersPerMinute ?? 0) : undefined, 'out'),
    stage('Consumers', ['consumers'], number(shown.consumers.length), consumersNote(shown), slots(shown), 'consumers'),
    fork(),
    h(
      'div',
      { class: 'outcomes' },
      stage(
        'Done',
        ['audit'],
        history.length > 0 ? number(sum(history, 'settled')) : rate(rates.settledPerMinute),
        history.length > 0 ? 'in the last hour' : isNumber(rates.settledPerMinute) ? 'a minute' : 'not known here',
        spark(shown.history, 'settled', 'Emails settled', 'bars', 'good'),
        'done',
        false,
      ),
      stage(
        'Dead letters',
        ['dead-letters'],
        number(shown.dlqDepth),
        shown.dlqDepth ? 'wait for a decision' : 'none',
        spark(shown.history, 'deadLettered', 'Dead letters', 'bars', 'bad'),
        shown.dlqDepth ? 'dead some' : 'dead',
      ),
    ),
  );
}

const stage = (name, target, figure, note, picture, kind, isLink = true) =>
  h(
    'div',
    { class: `stage ${kind}`, key: kind.split(' ')[0] },
    h('h2', null, isLink ? h('a', { href: link(target) }, name) : name),
    h('p', { class: 'figure' }, figure),
    h('p', { class: 'stage-note' }, note),
    picture,
  );

const pipe = (value, word) =>
  h(
    'div',
    { class: `pipe${value > 0 ? ' flows' : ''}`, key: `pipe-${word}` },
    h('span', null, isNumber(value) ? [h('b', null, rate(value)), h('span', { class: 'pipe-word' }, 'a minute')] : ''),
    svg(
      'svg',
      { viewBox: '0 0 64 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('path', { class: 'track', d: 'M0 4H64' }),
      svg('path', { class: 'dash', d: 'M0 4H64' }),
    ),
  );

const fork = () =>
  h(
    'div',
    { class: 'pipe fork', key: 'fork' },
    svg(
      'svg',
      { viewBox: '0 0 64 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('path', { class: 'track', d: 'M0 50H26C34 50 32 22 40 22H64M26 50C34 50 32 78 40 78H64' }),
    ),
  );

function polled(shown) {
  const last = shown.mailboxes
    .map(one => one.lastSuccess)
    .filter(Boolean)
    .sort()
    .at(-1);
  return last ? ['polled ', ago(last)] : 'not polled yet';
}

function consumersNote(shown) {
  if (shown.paused || state.status.paused) return 'paused';
  const p95 = shown.latency?.processing?.p95;
  return isNumber(p95) ? `95 % done within ${seconds(p95)}` : `${number(shown.pending)} in work`;
}

// One bar for each consumer: how full it is.
function slots(shown) {
  const all = shown.concurrency || 10;
  if (shown.consumers.length === 0) return h('p', { class: 'spark none quiet' }, 'No consumer is running');
  return h(
    'div',
    { class: 'slots', role: 'img', 'aria-label': `${number(shown.pending)} in work at ${count(shown.consumers.length, 'consumer')}` },
    shown.consumers
      .slice(0, 12)
      .map(one =>
        h(
          'span',
          { key: one.name, title: `${one.name}: ${number(one.pending)} in work` },
          h('span', { style: { width: `${Math.min(100, (one.pending / all) * 100).toFixed(0)}%` } }),
        ),
      ),
  );
}

function pace(shown) {
  const wait = shown.latency?.queueWait;
  const work = shown.latency?.processing;
  const memory = isNumber(shown.memoryUsedRatio)
    ? shown.memoryUsedRatio
    : shown.memoryMaxBytes > 0
      ? shown.memoryUsedBytes / shown.memoryMaxBytes
      : null;
  return facts([
    ['Oldest waiting', shown.oldestAgeSeconds === null ? 'none' : seconds(shown.oldestAgeSeconds)],
    wait && ['Wait in the stream', seconds(wait.p50), `95 % within ${seconds(wait.p95)}`],
    work && [
      'Processing',
      seconds(work.p50),
      `95 % within ${seconds(work.p95)}, ${count(shown.latency.processes, 'process', 'processes')}`,
    ],
    isNumber(shown.concurrency) && ['Concurrency', number(shown.concurrency), 'for each consumer'],
    ['Redis memory', bytes(shown.memoryUsedBytes), memory === null ? 'no limit' : `${percent(memory)} of ${bytes(shown.memoryMaxBytes)}`],
    shown.bodies?.count > 0 && ['Large emails', number(shown.bodies.count), bytes(shown.bodies.bytes)],
  ]);
}

function worst(shown) {
  const some = worstFirst(shown.mailboxes).slice(0, 5);
  return h(
    'section',
    null,
    h('h2', null, 'Mailboxes'),
    some.length === 0
      ? h('p', { class: 'quiet' }, 'None has been polled yet. Configure one in local.settings.json (docs/accounts.md).')
      : h(
          'ul',
          { class: 'lines' },
          some.map(one =>
            h(
              'li',
              { key: one.name },
              h('a', { href: link(['mailboxes', one.name]) }, other(one.name, 80)),
              stateBadges(one),
              h('span', { class: 'quiet end' }, ago(one.lastSuccess)),
            ),
          ),
        ),
    shown.mailboxes.length > some.length && h('p', null, h('a', { href: link(['mailboxes']) }, `All ${number(shown.mailboxes.length)}`)),
  );
}

function inWork(shown) {
  const some = (shown.inFlight ?? []).slice(0, 5);
  return h(
    'section',
    null,
    h('h2', null, 'In work here'),
    some.length === 0
      ? h('p', { class: 'quiet' }, shown.pending > 0 ? 'Nothing in this process. Other consumers have work.' : 'Nothing at the moment.')
      : h(
          'ul',
          { class: 'lines' },
          some.map(one =>
            h(
              'li',
              { key: one.entryId },
              h('span', null, other(one.mailbox), ` · UID ${one.uid}`),
              one.deliveryCount > 1 && badge(`delivery ${one.deliveryCount}`, 'warn'),
              h('span', { class: 'quiet end' }, seconds(one.startedAgoSeconds)),
            ),
          ),
        ),
  );
}
