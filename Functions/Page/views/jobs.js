// Jobs: bulk replays, purges and backfills, with their progress.
import { h } from '../dom.js';
import { get, remove } from '../api.js';
import { dialogForm, openDialog } from '../dialog.js';
import { ago, entryOf, exactTime, number, other } from '../format.js';
import { badge, button, empty, facts, heading, missing, more, progress, table } from '../parts.js';
import { link } from '../route.js';
import { refresh, scope, state } from '../state.js';
import { toast } from '../say.js';
import { filterWords } from '../filter.js';

const kinds = { queued: 'off', running: 'busy', waiting: 'warn', completed: 'good', cancelled: 'off', failed: 'bad' };
const names = { replay: 'Replay', purge: 'Delete', backfill: 'Backfill' };
const nameOf = job => entryOf(names, job.kind) ?? job.kind;
const stateOf = job => badge(job.state, entryOf(kinds, job.state) ?? 'off');
const isActive = job => ['queued', 'running', 'waiting'].includes(job.state);
const list = { limit: 50 };

export const jobs = {
  name: 'Jobs',
  title: parts => (parts[1] ? 'Job' : 'Jobs'),
  load: parts =>
    parts[1]
      ? { job: () => get(`jobs/${encodeURIComponent(parts[1])}`, scope()) }
      : { jobs: () => get('jobs', { ...scope(), limit: list.limit }) },
  draw: parts => (parts[1] ? one(parts[1]) : all()),
};

function all() {
  const absent = missing('jobs', 'jobs');
  const items = state.data.jobs?.jobs ?? [];
  return [
    heading('Jobs', 'What was asked for in bulk: replays, deletions and backfills.'),
    absent ??
      (items.length === 0
        ? empty(
            'No jobs',
            'A replay or deletion of several dead letters, or a backfill of a mailbox, is here with its progress.',
            h('a', { class: 'button', href: link(['dead-letters']) }, 'Dead letters'),
          )
        : [
            table(
              'Jobs',
              [
                {
                  name: 'Job',
                  kind: 'wide',
                  cell: job => h('a', { href: link(['jobs', job.id]) }, `${nameOf(job)} – `, filterWords(job.filter)),
                },
                { name: 'State', cell: stateOf },
                {
                  name: 'Progress',
                  cell: job =>
                    h(
                      'div',
                      { class: 'progress-cell' },
                      progress(job.done, job.total, `Progress of job ${job.id}`),
                      h('span', null, `${number(job.done)} of ${number(job.total)}`),
                    ),
                },
                { name: 'By', kind: 'who', cell: job => other(job.who, 40) },
                { name: 'Created', cell: job => ago(job.created) },
              ],
              items,
              job => job.id,
            ),
            more(state.data.jobs.after, list),
          ]),
  ];
}

function one(id) {
  const absent = missing('job', 'jobs');
  const job = state.data.job;
  if (!job) {
    return [
      heading('Job', other(id, 60)),
      absent,
      state.errors.job?.status === 404 &&
        h('p', { class: 'quiet' }, 'The last 100 jobs are kept. ', h('a', { href: link(['jobs']) }, 'All jobs')),
    ];
  }
  return [
    heading(nameOf(job), filterWords(job.filter), isActive(job) && button('Cancel …', () => openCancel(job))),
    h(
      'section',
      { class: 'panel job', 'aria-label': 'Progress' },
      h(
        'p',
        { class: 'job-state' },
        stateOf(job),
        h('span', { class: 'figure' }, number(job.done)),
        h('span', { class: 'quiet' }, `of ${number(job.total)}`),
      ),
      progress(job.state === 'completed' ? job.total || 1 : job.done, job.state === 'completed' ? job.total || 1 : job.total, 'Progress'),
      job.reason && h('p', { class: job.state === 'failed' ? 'problem' : 'note' }, other(job.reason, 1000)),
    ),
    facts([
      ['Skipped', number(job.skipped)],
      ['Failed', number(job.failed)],
      ['Created', ago(job.created), exactTime(job.created).replace(/ \(.*/, '')],
      ['Started', ago(job.started, 'not yet')],
      ['Ended', ago(job.ended, 'not yet')],
      ['By', other(job.who || '–')],
      ['Process', other(job.process || '–')],
      job.follows && ['Follows', h('a', { href: link(['jobs', job.follows]) }, other(job.follows))],
    ]),
    job.state === 'completed' &&
      job.kind !== 'backfill' &&
      h('p', null, h('a', { class: 'button', href: link(['dead-letters']) }, 'Dead letters')),
  ];
}

function openCancel(job) {
  openDialog('Cancel the job', dialog =>
    dialogForm(
      dialog,
      h('p', null, 'What is done stays done. The rest is left as it is.'),
      'Cancel the job',
      async () => {
        await remove(`jobs/${encodeURIComponent(job.id)}`, scope());
        toast('The job is asked to stop.');
        refresh();
      },
      true,
    ),
  );
}
