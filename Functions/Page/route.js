// The address after the # says what is shown, so that links, reload and the back button work.

/** Reads "#/dead-letters/abc?mailbox=x" as `{ parts: ['dead-letters', 'abc'], query: { mailbox: 'x' } }`. */
export function readRoute(hash = location.hash) {
  const [path, query] = hash.replace(/^#\/?/, '').split('?', 2);
  return { parts: path.split('/').filter(Boolean).map(decode), query: Object.fromEntries(new URLSearchParams(query ?? '')) };
}

/** The link to a view: `link(['dead-letters', 'abc'], { mailbox: 'x' })`. */
export function link(parts, query = {}) {
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return `#/${parts.map(encodeURIComponent).join('/')}${parameters.size ? `?${parameters}` : ''}`;
}

export const go = (parts, query) => {
  location.hash = link(parts, query);
};

/** Changes the query without a step in the history. */
export const replaceQuery = (parts, query) => {
  history.replaceState(null, '', link(parts, query));
  dispatchEvent(new HashChangeEvent('hashchange'));
};

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
