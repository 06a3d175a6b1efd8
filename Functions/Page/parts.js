// The pieces that several views use.
import { h, svg } from './dom.js';
import { clockTime, number } from './format.js';
import { refresh, state } from './state.js';

export const heading = (title, lead, ...actions) =>
  h(
    'header',
    { class: 'heading' },
    h('div', null, h('h1', { tabindex: '-1' }, title), lead && h('p', { class: 'lead' }, lead)),
    actions.length > 0 && h('div', { class: 'buttons' }, actions),
  );

export const button = (label, onclick, props = {}) => h('button', { type: 'button', onclick, ...props }, label);

/** A word with a coloured dot. Kinds: good, busy, warn, bad, off. */
export const badge = (text, kind) => h('span', { class: `badge ${kind}` }, text);

export const empty = (title, text, ...actions) =>
  h(
    'div',
    { class: 'empty' },
    h('p', { class: 'empty-title' }, title),
    h('p', null, text),
    actions.length > 0 && h('div', { class: 'buttons' }, actions),
  );

export const loading = () => h('p', { class: 'loading' }, 'Loading …');

/** What to show in place of an answer that is not there; null when it is. */
export function missing(name, what) {
  const error = state.errors[name];
  if (state.data[name]) return error && !error.isMissingRoute ? h('p', { class: 'problem', role: 'alert' }, error.message) : null;
  if (!error) return loading();
  if (error.isMissingRoute) {
    return empty(
      `This process does not offer ${what}`,
      'It runs an older version, or one without this function. Update it, and reload the page.',
    );
  }
  return empty(error.title, error.status === 404 ? error.message : `${error.message} The page tries again by itself.`);
}

/** Names and values beside each other. */
export const facts = pairs =>
  h(
    'dl',
    { class: 'facts' },
    pairs
      .filter(Boolean)
      .map(([name, value, note]) => h('div', { key: name }, h('dt', null, name), h('dd', null, value, note && h('small', null, note)))),
  );

/**
 * A table that becomes cards on a phone. Columns: `{ name, cell(row), kind }` with kind num, wide or acts; rows have a `key` by `keyOf`.
 */
export const table = (caption, columns, rows, keyOf) =>
  h(
    'div',
    { class: 'table-box' },
    h(
      'table',
      null,
      h('caption', { class: 'said' }, caption),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          columns.map(column =>
            h('th', { scope: 'col', class: column.kind }, column.kind === 'acts' ? h('span', { class: 'said' }, column.name) : column.name),
          ),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map(row =>
          h(
            'tr',
            { key: keyOf(row) },
            columns.map(column => h('td', { class: column.kind, 'data-name': column.name }, column.cell(row))),
          ),
        ),
      ),
    ),
  );

/**
 * The last hour as bars (counts) or an area (a level): `history` has an item for each minute, `name` is its field. A minute without a
 * number stays empty.
 */
export function spark(history, name, label, kind = 'bars', tone = '') {
  const values = (history ?? []).map(item => item?.[name] ?? null);
  const known = values.filter(value => typeof value === 'number');
  if (known.length === 0) return h('div', { class: 'spark none' }, h('span', { class: 'quiet' }, 'No history yet'));
  const top = Math.max(1, ...known);
  const width = 240;
  const height = 40;
  const step = width / values.length;
  const y = value => height - 1 - (value / top) * (height - 3);
  const shapes =
    kind === 'bars'
      ? values.map(
          (value, at) =>
            typeof value === 'number' &&
            value > 0 &&
            svg('rect', {
              key: at,
              x: (at * step).toFixed(1),
              width: Math.max(1, step - 1).toFixed(1),
              y: y(value).toFixed(1),
              height: (height - y(value)).toFixed(1),
              rx: 0.8,
            }),
        )
      : areas(values, step, y, height);
  return h(
    'div',
    { class: `spark ${tone}` },
    svg(
      'svg',
      {
        viewBox: `0 0 ${width} ${height}`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': `${label} in the last hour, by minute: at most ${number(top)}, last ${number(known.at(-1))}.`,
      },
      svg('line', { class: 'base', x1: 0, x2: width, y1: height - 0.5, y2: height - 0.5 }),
      shapes,
      values.map((value, at) => typeof value === 'number' && minute(history[at], value, label, at * step, step, height)),
    ),
  );
}

// Says the figure of a minute under the pointer.
const minute = (item, value, label, x, width, height) =>
  svg(
    'rect',
    { key: `minute-${item.at}`, class: 'minute', x: x.toFixed(1), width: width.toFixed(1), y: 0, height },
    svg('title', null, `${clockTime(item.at).slice(0, 5)}  ${label}: ${number(value)}`),
  );

function areas(values, step, y, height) {
  const pieces = [];
  let piece = [];
  values.forEach((value, at) => {
    if (typeof value === 'number') piece.push(`${(at * step + step / 2).toFixed(1)},${y(value).toFixed(1)}`);
    if ((typeof value !== 'number' || at === values.length - 1) && piece.length > 0) {
      pieces.push(piece);
      piece = [];
    }
  });
  return pieces.map(points => [
    svg('path', {
      class: 'area',
      d: `M${points[0].split(',')[0]},${height}L${points.join('L')}L${points.at(-1).split(',')[0]},${height}Z`,
    }),
    svg('path', { class: 'line', d: `M${points.join('L')}` }),
  ]);
}

/** A bar of what is done. */
export const progress = (done, total, label) =>
  h('progress', {
    max: Math.max(total || 0, 1),
    value: total ? Math.min(done ?? 0, total) : undefined,
    'aria-label': label,
  });

export const field = (label, input, note) => h('label', { class: 'field' }, h('span', null, label), input, note && h('small', null, note));

const mostShown = 1000;

/** Shows twice as many of a list, whose view loads `list.limit` of them, while there are more. */
export const more = (after, list) =>
  after &&
  list.limit < mostShown &&
  h(
    'div',
    { class: 'buttons' },
    button('Show more', () => {
      list.limit = Math.min(mostShown, list.limit * 2);
      refresh();
    }),
  );
