// Describes the page as plain objects, and changes only what differs: focus, selection and scroll positions stay.
// Data reaches the document as text or as an attribute, never as markup.

const svgSpace = 'http://www.w3.org/2000/svg';
const known = new WeakMap();

/** Describes an HTML element. A property that begins with "on" is a listener; `key` keeps an element among its siblings. */
export const h = (tag, props, ...children) => ({ tag, props: props ?? {}, children: children.flat(Infinity) });

/** Describes an SVG element. */
export const svg = (tag, props, ...children) => ({ ...h(tag, props, ...children), space: svgSpace });

/** Makes the children of an element those that are described. */
export function render(parent, described) {
  const wanted = [described].flat(Infinity).filter(isShown);
  const keyed = new Map();
  for (const node of parent.childNodes) {
    const key = known.get(node)?.props.key;
    if (key !== undefined) keyed.set(key, node);
  }
  let at = parent.firstChild;
  for (const child of wanted) {
    const node = reuse(child, at, keyed) ?? create(child);
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
    update(node, child);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

const isShown = child => child !== null && child !== undefined && child !== false && child !== '';

function reuse(child, at, keyed) {
  if (typeof child !== 'object') return at?.nodeType === Node.TEXT_NODE ? at : null;
  const node = child.props.key === undefined ? at : keyed.get(child.props.key);
  const before = node && known.get(node);
  return before && before.tag === child.tag && before.props.key === child.props.key ? node : null;
}

function create(child) {
  if (typeof child !== 'object') return document.createTextNode('');
  const node = child.space ? document.createElementNS(child.space, child.tag) : document.createElement(child.tag);
  known.set(node, { tag: child.tag, props: {} });
  return node;
}

function update(node, child) {
  if (typeof child !== 'object') {
    const text = String(child);
    if (node.data !== text) node.data = text;
    return;
  }
  const state = known.get(node);
  for (const name of Object.keys(state.props)) if (!(name in child.props)) change(node, state, name, undefined);
  for (const [name, value] of Object.entries(child.props)) change(node, state, name, value);
  state.props = child.props;
  if (!child.props.owns) render(node, child.children);
  // After the options of a select are there.
  if ('value' in child.props) setValue(node, state, child.props.value);
}

function change(node, state, name, value) {
  if (name === 'key' || name === 'owns' || name === 'value') return;
  if (name.startsWith('on')) return listen(node, state, name.slice(2), value);
  if (name === 'style') return restyle(node, value ?? {});
  if (name === 'checked' || name === 'open') {
    if (name === 'checked') node.checked = Boolean(value);
    else if (state.props.open !== value) node.open = Boolean(value);
    return;
  }
  if (value === undefined || value === null || value === false) return node.removeAttribute(name);
  const text = value === true ? '' : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

// One listener for each event stays; what it calls may change with each description.
function listen(node, state, event, value) {
  state.calls ??= {};
  if (!(event in state.calls)) node.addEventListener(event, e => state.calls[event]?.(e));
  state.calls[event] = value;
}

function restyle(node, style) {
  for (const [name, value] of Object.entries(style)) {
    if (node.style.getPropertyValue(name) !== value) node.style.setProperty(name, value);
  }
}

// What somebody types stays until another value is described. A field that has the focus gets it when the focus has gone.
function setValue(node, state, value) {
  const text = String(value ?? '');
  if (text === state.value || document.activeElement === node) return;
  if (String(node.value) !== text) node.value = text;
  // A select whose option is not there yet is tried again.
  if (node.tagName !== 'SELECT' || node.value === text) state.value = text;
}
