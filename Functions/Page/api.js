// Asks this process. The key is sent in a header, and kept for this tab only.

const keyName = 'email-ingestion-key';
const timeout = 20000;
/** How long a count of many dead letters may take, in milliseconds. */
export const countTimeout = 300000;

export const base = location.pathname.replace(/\/?ui\/?$/, '/');

/** An answer that is an error: problem details (RFC 9457) where there are some. Status 0: no answer. */
export class ApiError extends Error {
  constructor(status, title, detail) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.detail = detail;
  }

  /** An older process does not have the route. */
  get isMissingRoute() {
    return this.status === 405 || (this.status === 404 && !/^No such/.test(this.title));
  }
}

export const readKey = () => sessionStorage.getItem(keyName) ?? '';

export function keepKey(key) {
  if (key) sessionStorage.setItem(keyName, key);
  else sessionStorage.removeItem(keyName);
}

let offered = '';

/**
 * Takes the key from the address (#key=…), where the terminal put it, and removes it there. Another site may link to such an address, so a
 * key that this tab has already stays; the other one is tried if the process refuses it. Returns whether the key is a new one.
 */
export function takeKeyFromAddress() {
  const match = /^#key=([^&]*)/.exec(location.hash);
  if (!match) return false;
  history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  try {
    offered = decodeURIComponent(match[1]);
  } catch {
    return false;
  }
  return !readKey() && useOfferedKey();
}

/** Replaces the key by the one of the address; false if there is none, or no other. */
export function useOfferedKey() {
  const key = offered;
  offered = '';
  if (!key || key === readKey()) return false;
  keepKey(key);
  return true;
}

export const get = (path, query) => ask('GET', path, { query });
export const post = (path, body, query, wait) => ask('POST', path, { query, body, wait });
export const put = (path, body, query) => ask('PUT', path, { query, body });
export const remove = (path, query) => ask('DELETE', path, { query });

async function ask(method, path, { query, body, wait = timeout }) {
  const limit = deadline(wait);
  try {
    const response = await request(method, path, query, body, limit);
    if (response.status === 204) return null;
    return await response.json();
  } catch (e) {
    if (e instanceof ApiError) throw e;
    if (limit.isOver()) throw late(wait);
    throw new ApiError(0, 'No JSON', `The answer to ${method} ${path} was cut off or is not JSON.`);
  } finally {
    limit.stop();
  }
}

/**
 * The answer as a response, of which the caller reads as much as it needs. An answer may be long: its beginning, and each wait for more of
 * it, has a time limit.
 */
export async function open(method, path, query) {
  const limit = deadline(timeout);
  const response = await request(method, path, query, undefined, limit).catch(e => {
    limit.stop();
    throw e;
  });
  const watched = new TransformStream({
    transform(piece, controller) {
      limit.restart();
      controller.enqueue(piece);
    },
    flush: limit.stop,
    cancel: limit.stop,
  });
  return new Response(response.body.pipeThrough(watched), { status: response.status, headers: response.headers });
}

// A time limit that aborts a request.
function deadline(wait) {
  const controller = new AbortController();
  let timer = 0;
  const stop = () => clearTimeout(timer);
  const restart = () => {
    stop();
    timer = setTimeout(() => controller.abort(), wait);
  };
  restart();
  return { wait, signal: controller.signal, restart, stop, isOver: () => controller.signal.aborted };
}

const late = wait => new ApiError(0, 'No answer in time', `The process did not answer within ${wait / 1000} s.`);

async function request(method, path, query, body, limit) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, value);
  }
  const headers = { 'x-functions-key': readKey() };
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response;
  try {
    response = await fetch(`${base}${path}${parameters.size ? `?${parameters}` : ''}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      signal: limit.signal,
    });
  } catch {
    if (limit.isOver()) throw late(limit.wait);
    throw new ApiError(0, 'Not reachable', 'The process does not answer at this address.');
  }
  if (!response.ok) throw await problem(response, method, path);
  return response;
}

async function problem(response, method, path) {
  let title = response.statusText || `Status ${response.status}`;
  let detail = `${method} ${path} was answered with status ${response.status}.`;
  try {
    const json = await response.json();
    title = String(json.title ?? title);
    detail = String(json.detail ?? detail);
  } catch {
    // A Functions host refuses a key, or an unknown route, without a body.
  }
  return new ApiError(response.status, title, detail);
}

/** Saves an answer as a file, when it is whole. Returns its last characters. */
export async function download(path, query, name) {
  const response = await open('GET', path, query);
  let blob;
  try {
    blob = await response.blob();
  } catch {
    throw new ApiError(0, 'Broken off', 'The answer broke off, so nothing is saved. Try again.');
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  return blob.slice(-100).text();
}
