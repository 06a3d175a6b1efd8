// Turns figures and times into words. Times count from the server's clock.
import { h } from './dom.js';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 0 });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });
const clock = { skew: 0 };

/** Learns the server's time from an answer. */
export function setClock(at) {
  const time = Date.parse(at);
  if (Number.isFinite(time)) clock.skew = time - Date.now();
}

export const now = () => Date.now() + clock.skew;

export const isNumber = value => typeof value === 'number' && Number.isFinite(value);

export const number = value => (isNumber(value) ? whole.format(value) : '–');

/** A number in the room of four digits: 9,999, then 12K. */
export const short = value => (isNumber(value) && value >= 10000 ? compact.format(value) : number(value));

/** A rate: one decimal below ten. */
export const rate = value => (isNumber(value) ? (value > 0 && value < 10 ? one : whole).format(value) : '–');

/** "1 mailbox", "2 mailboxes". */
export const count = (value, singular, plural = `${singular}s`) => `${number(value)} ${value === 1 ? singular : plural}`;

/** A duration in seconds, with one unit. */
export function seconds(value) {
  if (!isNumber(value)) return '–';
  if (value < 0.001) return '0 ms';
  if (value < 1) return `${whole.format(value * 1000)} ms`;
  if (value < 10) return `${one.format(value)} s`;
  if (value < 120) return `${whole.format(value)} s`;
  if (value < 7200) return `${whole.format(value / 60)} min`;
  if (value < 172800) return `${whole.format(value / 3600)} h`;
  return `${whole.format(value / 86400)} days`;
}

export function bytes(value) {
  if (!isNumber(value)) return '–';
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let at = 0;
  for (; value >= 1000 && at < units.length - 1; at++) value /= 1000;
  return `${value < 10 && at > 0 ? one.format(value) : whole.format(value)} ${units[at]}`;
}

export const percent = ratio => (isNumber(ratio) ? `${whole.format(ratio * 100)} %` : '–');

/** A time as "3 min ago", with the exact time as its title. */
export function ago(value, missing = 'never') {
  const time = Date.parse(value ?? '');
  if (!Number.isFinite(time)) return h('span', { class: 'quiet' }, missing);
  const past = (now() - time) / 1000;
  const words = past < -1 ? `in ${seconds(-past)}` : past < 2 ? 'just now' : `${seconds(Math.floor(past))} ago`;
  return h('time', { datetime: value, title: exactTime(value) }, words);
}

export function exactTime(value) {
  const time = new Date(value ?? NaN);
  return Number.isNaN(time.getTime()) ? '' : `${exact.format(time)} (${time.toISOString()})`;
}

export const clockTime = value => new Date(value).toLocaleTimeString('en-GB');

/** A time of today as "03:04", another one as "2 Jan 2026, 03:04". */
export function dayTime(value) {
  const date = day.format(new Date(value));
  const minutes = clockTime(value).slice(0, 5);
  return date === day.format(now()) ? minutes : `${date}, ${minutes}`;
}

/** The entry of a table for a text of others; undefined for none, also for "constructor". */
export const entryOf = (table, text) => (Object.hasOwn(table, text) ? table[text] : undefined);

/** Text of others: bounded, and with its invisible and direction-changing characters shown. */
export function safe(text, limit = 300) {
  const all = String(text ?? '');
  const shown = all.slice(0, limit).replace(
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    sign => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
  return all.length > limit ? `${shown}… (${number(all.length)} characters)` : shown;
}

/** The same, kept apart from the direction of the text around it. */
export const other = (text, limit) => h('bdi', null, safe(text, limit));
