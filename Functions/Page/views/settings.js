// The settings in force. The process masks secrets before it answers.
import { h } from '../dom.js';
import { get } from '../api.js';
import { count, other } from '../format.js';
import { badge, empty, heading, missing, table } from '../parts.js';
import { replaceQuery } from '../route.js';
import { state } from '../state.js';

export const settings = {
  name: 'Settings',
  title: () => 'Settings',
  every: 15,
  load: () => ({ settings: () => get('settings') }),
  draw(parts, query) {
    const all = state.data.settings?.settings ?? [];
    const text = (query.text ?? '').toLowerCase();
    const items = all.filter(one => one.name.toLowerCase().includes(text) && (!query.changed || !one.isDefault));
    return [
      heading('Settings', 'In force in this process. They are changed in its files or environment (docs/configuration.md), not here.'),
      missing('settings', 'its settings') ?? [
        h(
          'form',
          { class: 'filter', role: 'search', onsubmit: e => e.preventDefault() },
          h(
            'label',
            { class: 'grow' },
            h('span', { class: 'said' }, 'Find a setting'),
            h('input', {
              type: 'search',
              'data-find': true,
              placeholder: 'Find a setting',
              value: query.text ?? '',
              oninput: e => replaceQuery(parts, { ...query, text: e.target.value }),
            }),
          ),
          h(
            'label',
            { class: 'check' },
            h('input', {
              type: 'checkbox',
              checked: Boolean(query.changed),
              onchange: e => replaceQuery(parts, { ...query, changed: e.target.checked ? '1' : '' }),
            }),
            'Changed only',
          ),
          h('span', { class: 'quiet' }, count(items.length, 'setting')),
        ),
        items.length === 0
          ? empty('No such setting', 'Change the text above.')
          : table(
              'Settings in force',
              [
                { name: 'Name', kind: 'wide', cell: one => h('code', null, one.name) },
                {
                  name: 'Value',
                  cell: one =>
                    one.isSecret
                      ? h('span', { class: 'quiet' }, one.value ? '••• (secret)' : 'not set')
                      : h('code', { class: 'value' }, other(one.value ?? '', 500)),
                },
                { name: 'From', cell: one => (one.isDefault ? h('span', { class: 'quiet' }, 'default') : badge('set', 'busy')) },
              ],
              items,
              one => one.name,
            ),
      ],
    ];
  },
};
