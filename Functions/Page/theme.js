// Light, dark, or as the system.
import { redraw } from './state.js';

const setting = 'email-ingestion-theme';
const next = { auto: 'light', light: 'dark', dark: 'auto' };

export const theme = () => (next[localStorage.getItem(setting)] ? localStorage.getItem(setting) : 'auto');

export function applyTheme() {
  document.documentElement.dataset.theme = theme();
}

export function nextTheme() {
  localStorage.setItem(setting, next[theme()]);
  applyTheme();
  redraw();
}
