// Messages to the reader: toasts for what was done, and a live region for what changed by itself.

const toastFor = 7000;

export function toast(text, isError = false) {
  const item = document.createElement('p');
  item.className = isError ? 'toast bad' : 'toast';
  item.textContent = text;
  document.getElementById('toasts').append(item);
  setTimeout(() => item.remove(), isError ? toastFor * 2 : toastFor);
}

/** Read out by a screen reader, not shown. */
export function say(text) {
  const said = document.getElementById('said');
  if (said.textContent !== text) said.textContent = text;
}

/** Runs an action, and tells its end. Returns its answer; undefined if it failed. */
export async function act(work, done) {
  try {
    const answer = await work();
    if (done) toast(typeof done === 'function' ? done(answer) : done);
    return answer ?? null;
  } catch (e) {
    toast(e.title && e.title !== e.message ? `${e.title}: ${e.message}` : e.message, true);
    return undefined;
  }
}
