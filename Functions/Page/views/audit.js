// Who did what.
import { h } from '../dom.js';
import { get } from '../api.js';
import { ago, number, other } from '../format.js';
import { empty, heading, missing, more, table } from '../parts.js';
import { link } from '../route.js';
import { scope, state } from '../state.js';
import { filterWords } from '../filter.js';

const words = {
  replay: 'Replayed a dead letter',
  delete: 'Deleted a dead letter',
  'bulk-replay': 'Replayed in bulk',
  'bulk-purge': 'Deleted in bulk',
  'job-cancel': 'Cancelled a job',
  pause: 'Paused',
  resume: 'Resumed',
  'poll-now': 'Asked for a poll',
  unpark: 'Unparked a mailbox',
  'forget-uid': 'Passed over a UID',
  backfill: 'Started a backfill',
  concurrency: 'Set the concurrency',
  export: 'Exported dead letters',
};
const list = { limit: 50 };

export const audit = {
  name: 'Audit',
  title: () => 'Audit',
  load: () => ({ audit: () => get('audit', { ...scope(), limit: list.limit }) }),
  draw() {
    const entries = state.data.audit?.entries ?? [];
    return [
      heading('Audit', 'Who did what with dead letters, jobs and controls. Newest first.'),
      missing('audit', 'the audit') ??
        (entries.length === 0
          ? empty('Nothing yet', 'Each replay, deletion, pause and other action is kept here with the name of its key.')
          : [
              table(
                'Audit',
                [
                  { name: 'What', kind: 'wide', cell: one => words[one.action] ?? other(one.action) },
                  { name: 'Target', cell: target },
                  { name: 'Count', kind: 'num', cell: one => (one.count ? number(one.count) : '') },
                  { name: 'Outcome', cell: one => other(one.outcome ?? '') },
                  { name: 'By', kind: 'who', cell: one => other(one.who, 40) },
                  { name: 'When', cell: one => ago(one.at) },
                ],
                entries,
                one => one.id,
              ),
              more(state.data.audit.after, list),
            ]),
    ];
  },
};

function target(one) {
  if (/^bulk|^backfill/.test(one.action) && one.filter) return h('a', { href: link(['jobs', one.target]) }, filterWords(one.filter));
  if (one.action === 'export' && one.filter) return filterWords(one.filter);
  if (one.action === 'job-cancel') return h('a', { href: link(['jobs', one.target]) }, one.target);
  return other(one.target ?? '', 120);
}
