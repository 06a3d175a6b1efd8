// What the page knows. `redraw` is set by main.js.
import { readRoute } from './route.js';

export const state = {
  /** The last answer to GET status. */
  status: null,
  /** Since when status has not been answered; null while it is. */
  failingSince: null,
  /** The last error of status. */
  failure: null,
  nextTry: 0,
  route: readRoute(),
  /** The answers that the current view has asked for, by name. */
  data: {},
  /** The error of each that could not be had. */
  errors: {},
  partition: sessionStorage.getItem('email-ingestion-partition') ?? '',
  refused: null,
};

const hooks = { redraw: () => {}, refresh: async () => {} };

export const setHooks = value => Object.assign(hooks, value);
export const redraw = () => hooks.redraw();
/** Asks for status and the view's answers now. */
export const refresh = () => hooks.refresh();

export const partitions = () => state.status?.partitions ?? [];

/** The partition that is shown. */
export const partition = () => partitions().find(one => one.partition === state.partition) ?? partitions()[0] ?? null;

/** The pauses of the partition that is shown. */
export const pauses = () =>
  (state.data.control?.paused ?? []).filter(one => one.partition === undefined || one.partition === partition()?.partition);

/** Whether this process can pause and resume: an older one cannot. */
export const canControl = () => !state.errors.control?.isMissingRoute;

/** The query that selects the partition; empty where there is one. */
export const scope = () => (partitions().length > 1 ? { partition: partition()?.partition } : {});

export function choosePartition(name) {
  state.partition = name;
  sessionStorage.setItem('email-ingestion-partition', name);
  state.data = {};
  state.errors = {};
  refresh();
}
