// Draws the frame, asks for the key, and keeps the figures current.
import { h, render, svg } from './dom.js';
import { adviceCount } from './advice.js';
import { ApiError, get, keepKey, readKey, takeKeyFromAddress, useOfferedKey } from './api.js';
import { clockTime, entryOf, number, short, other, setClock } from './format.js';
import { listenToKeys, openHelp } from './keys.js';
import { button, empty, field, loading } from './parts.js';
import { link, readRoute } from './route.js';
import { say } from './say.js';
import { choosePartition, partition, partitions, redraw, refresh, setHooks, state } from './state.js';
import { applyTheme, nextTheme, theme } from './theme.js';
import { audit } from './views/audit.js';
import { consumers } from './views/consumers.js';
import { deadLetters } from './views/deadletterlist.js';
import { jobs } from './views/jobs.js';
import { mailboxes } from './views/mailboxes.js';
import { overview } from './views/overview.js';
import { settings } from './views/settings.js';

const views = { '': overview, mailboxes, consumers, 'dead-letters': deadLetters, jobs, audit, settings };
const everyMs = 2000;
const longestWaitMs = 30000;
const loop = { timer: 0, failures: 0, ticks: 0, turn: 0, said: {} };

const view = () => entryOf(views, state.route.parts[0] ?? '');

function draw() {
  document.title = titleText();
  render(document.getElementById('app'), readKey() && !state.refused && !loop.isTrying ? frame() : signIn());
}

function titleText() {
  const count = partition()?.dlqDepth;
  return `${count ? `(${number(count)}) ` : ''}${view()?.title(state.route.parts) ?? 'Not found'} – Email ingestion`;
}

// The key.

function signIn() {
  return h(
    'main',
    { class: 'sign-in', key: 'sign-in' },
    h(
      'form',
      { onsubmit: enter },
      logo(),
      h('h1', null, 'Email ingestion'),
      h('p', { class: 'quiet' }, 'Enter a key of this app. It stays in this tab, and is gone when you close it.'),
      field(
        'Key',
        h('input', {
          name: 'key',
          type: 'password',
          required: true,
          autocomplete: 'off',
          spellcheck: 'false',
          autofocus: true,
          'aria-describedby': 'key-help',
          'aria-invalid': state.refused ? 'true' : undefined,
        }),
      ),
      state.refused && h('p', { class: 'problem', role: 'alert' }, state.refused),
      h('button', { class: 'primary', type: 'submit', disabled: loop.isTrying }, loop.isTrying ? 'Asking …' : 'Open'),
      h(
        'p',
        { class: 'quiet', id: 'key-help' },
        'On your own machine it is in keys.json of the data folder, and in the address that ./run.sh prints. ',
        'In Azure it is under App keys.',
      ),
    ),
  );
}

async function enter(event) {
  event.preventDefault();
  const form = event.target;
  keepKey(new FormData(form).get('key').trim());
  loop.isTrying = true;
  state.refused = null;
  const failed = await askStatus();
  loop.isTrying = false;
  if (failed && failed.status !== 401 && failed.status !== 403) state.refused = null;
  redraw();
  if (state.refused) document.querySelector('[name=key]')?.select();
  else start();
}

function leave(reason) {
  keepKey('');
  clearTimeout(loop.timer);
  Object.assign(state, { status: null, data: {}, errors: {}, failure: null, failingSince: null, refused: reason ?? null });
  redraw();
}

// The frame.

const logo = () =>
  svg(
    'svg',
    { class: 'logo', viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    svg('rect', { width: 16, height: 16, rx: 4 }),
    svg('path', { d: 'M3 5.5l5 4 5-4' }),
  );

function frame() {
  return h(
    'div',
    { class: 'frame', key: 'frame' },
    h('a', { class: 'skip', href: '#main', onclick: skip }, 'Skip to the content'),
    h(
      'header',
      { class: 'side' },
      h('a', { class: 'brand', href: '#/' }, logo(), 'Email ingestion'),
      partitions().length > 1 &&
        h(
          'label',
          { class: 'partition' },
          h('span', { class: 'said' }, 'Partition'),
          h(
            'select',
            {
              value: partition()?.partition,
              onchange: e => choosePartition(e.target.value),
            },
            partitions().map(one => h('option', { key: one.partition, value: one.partition }, one.partition || 'default')),
          ),
        ),
      h(
        'nav',
        { 'aria-label': 'Views' },
        h(
          'ul',
          null,
          Object.entries(views).map(([path, one]) =>
            h(
              'li',
              { key: path },
              h(
                'a',
                {
                  href: link(path ? [path] : []),
                  'aria-current': one === view() ? 'page' : undefined,
                },
                one.name,
                mark(path),
              ),
            ),
          ),
        ),
      ),
      h(
        'div',
        { class: 'side-end' },
        live(),
        h(
          'div',
          { class: 'tools' },
          button(`Theme: ${theme()}`, nextTheme),
          button('Keyboard', openHelp, { class: 'for-keys' }),
          button('Forget key', () => leave()),
        ),
        state.status &&
          h(
            'p',
            { class: 'quiet version' },
            [state.status.process && other(state.status.process, 60), state.status.version?.split('+')[0]]
              .filter(Boolean)
              .flatMap((part, at) => (at ? [' · ', part] : [part])),
          ),
      ),
    ),
    h('main', { id: 'main', class: state.failingSince ? 'stale' : '', tabindex: '-1' }, notReachable(), content()),
  );
}

function mark(path) {
  const shown = partition();
  if (path === 'dead-letters' && shown?.dlqDepth > 0)
    return h('span', { class: 'mark bad', title: number(shown.dlqDepth) }, short(shown.dlqDepth));
  const advice = path === '' ? adviceCount(shown) : 0;
  if (advice > 0) return h('span', { class: 'mark' }, number(advice));
  const parked = path === 'mailboxes' && shown?.mailboxes.filter(one => one.parked).length;
  return parked ? h('span', { class: 'mark bad' }, number(parked)) : null;
}

function live() {
  const kind = state.failingSince ? 'bad' : state.status ? 'good' : 'off';
  return h(
    'p',
    { class: 'live' },
    h('span', { class: `dot ${kind}`, 'aria-hidden': 'true' }),
    state.failingSince ? 'Not current' : state.status ? 'Live' : 'Connecting …',
  );
}

function notReachable() {
  if (!state.failingSince) return null;
  const wait = Math.max(0, Math.round((state.nextTry - Date.now()) / 1000));
  const what = state.failure.status === 0 ? 'Not reachable' : state.failure.title;
  return h(
    'div',
    { class: 'outage', role: 'alert', key: 'outage' },
    h(
      'div',
      null,
      h('p', null, h('strong', null, `${what} since ${clockTime(state.failingSince)}.`), ' ', state.failure.message),
      h(
        'p',
        { class: 'quiet', 'aria-hidden': 'true' },
        state.status ? 'The figures below are from before. ' : '',
        `Next try in ${wait} s.`,
      ),
    ),
    button('Try now', () => refresh()),
  );
}

function content() {
  if (!state.status) return state.failingSince ? null : loading();
  if (!view()) return empty('No such view', 'The address is not one of this page.', h('a', { class: 'button', href: '#/' }, 'Overview'));
  if (!partition()) return empty('No partition', 'This process serves no partition.');
  return h('div', { class: 'view', key: state.route.parts.join('/') || 'overview' }, view().draw(state.route.parts, state.route.query));
}

function skip(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}

// Keeping current.

const asApiError = e => (e instanceof ApiError ? e : new ApiError(0, 'Error of the page', String(e?.message ?? e)));

async function askStatus() {
  try {
    const status = await get('status');
    setClock(status.at);
    announce(state.status, status);
    state.status = status;
    if (state.failingSince) say('Reachable again.');
    state.failingSince = state.failure = null;
    loop.failures = 0;
    return null;
  } catch (e) {
    const error = asApiError(e);
    if ((error.status === 401 || error.status === 403) && useOfferedKey()) return askStatus();
    if (error.status === 401 || error.status === 403 || (error.status === 429 && !state.status)) {
      leave(error.status === 429 ? 'Too many wrong keys came from your address. Wait a minute.' : 'The process does not accept this key.');
      return error;
    }
    if (!state.failingSince) say('Not reachable.');
    state.failingSince ??= Date.now();
    state.failure = error;
    loop.failures++;
    return error;
  }
}

// Changes that a reader who does not look should hear of.
function announce(before, after) {
  const one = before?.partitions?.find(item => item.partition === partition()?.partition);
  const other = after.partitions?.find(item => item.partition === partition()?.partition);
  if (!one || !other) return;
  if (other.dlqDepth > one.dlqDepth) say(`${number(other.dlqDepth)} dead letters.`);
  else if (Boolean(before.paused || one.paused) !== Boolean(after.paused || other.paused))
    say(after.paused || other.paused ? 'Paused.' : 'Resumed.');
}

async function askView(turn) {
  const one = view();
  const wanted = Object.entries(one?.load?.(state.route.parts, state.route.query) ?? {});
  await Promise.all(
    wanted.map(async ([name, load]) => {
      try {
        const answer = await load();
        if (turn !== loop.turn) return;
        state.data[name] = answer;
        delete state.errors[name];
      } catch (e) {
        if (turn !== loop.turn) return;
        state.errors[name] = asApiError(e);
        // Gone, not only out of reach.
        if (e.status === 404) delete state.data[name];
      }
    }),
  );
}

async function tick(isAsked) {
  clearTimeout(loop.timer);
  if (!readKey() || state.refused || (document.hidden && !isAsked)) return;
  const turn = loop.turn;
  if (!(await askStatus()) && (isAsked || loop.ticks++ % (view()?.every ?? 1) === 0)) await askView(turn);
  if (!readKey()) return;
  clearTimeout(loop.timer);
  const wait = loop.failures > 0 ? Math.min(longestWaitMs, everyMs * 2 ** (loop.failures - 1)) : everyMs;
  state.nextTry = Date.now() + wait;
  loop.timer = setTimeout(tick, wait);
  redraw();
}

function start() {
  loop.ticks = 0;
  // Answers to what was asked before are no longer wanted.
  loop.turn++;
  return tick(true);
}

// What the page itself can answer needs no request: a part of a message, a text among the settings or mailboxes.
const isLocal = ({ parts }) => ['settings', 'mailboxes'].includes(parts[0]) || (parts[0] === 'dead-letters' && parts.length > 2);

function routeChanged() {
  const before = state.route;
  state.route = readRoute();
  const isSame = before.parts.join('/') === state.route.parts.join('/');
  if (isSame && isLocal(state.route)) return redraw();
  if (!isSame) {
    state.errors = {};
    state.data = { control: state.data.control };
    scrollTo(0, 0);
  }
  redraw();
  if (!isSame) {
    document.querySelector('[aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
    document.querySelector('h1')?.focus({ preventScroll: true });
  }
  start();
}

takeKeyFromAddress();
state.route = readRoute();
applyTheme();
setHooks({ redraw: draw, refresh: start });
listenToKeys();
addEventListener('hashchange', () => {
  if (takeKeyFromAddress()) state.refused = null;
  routeChanged();
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) start();
});
// The seconds of relative times and of the next try.
setInterval(() => {
  if (!document.hidden && readKey()) redraw();
}, 1000);
draw();
document.querySelector('[name=key]')?.focus();
start();
