/** Addresses: which page is shown, with what. The only module that knows the history of the browser. */

const PAGES = ['search', 'record', 'dashboard', 'reports', 'report', 'operator'];
const listeners = new Set();

/** The page that the address means: `{ page, parts, query, path }`. */
export function route() {
    const [first = '', ...parts] = location.pathname.split('/').filter(Boolean).map(decodeURIComponent);
    const page = first === '' ? 'home' : PAGES.includes(first) ? first : 'home';
    return { page, parts, query: new URLSearchParams(location.search), path: location.pathname + location.search };
}

/** Be told whenever the address changes; gives what ends it. */
export function onRoute(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

/** Go somewhere within the page; `replace`: without a step in the history. */
export function go(path, { replace = false } = {}) {
    if (path === location.pathname + location.search) return;
    history[replace ? 'replaceState' : 'pushState'](null, '', path);
    if (!replace) window.scrollTo(0, 0);
    tell();
}

/** An address with a query; empty values are left out, lists are repeated. */
export function address(path, values = {}) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(values)) {
        for (const each of Array.isArray(value) ? value : [value]) {
            if (each !== undefined && each !== null && each !== '' && each !== false) query.append(name, each);
        }
    }
    const text = query.toString();
    return text ? `${path}?${text}` : path;
}

/** The address of a record. */
export const recordAddress = (object, id) => `/record/${encodeURIComponent(object)}/${encodeURIComponent(id)}`;

/** Where somebody logs in, and comes back to where he is. */
export const loginAddress = () => address('/auth/login', { next: location.pathname + location.search });

function tell() {
    const found = route();
    listeners.forEach((each) => each(found));
}

/** Links within the page are followed without loading it anew. */
export function begin() {
    window.addEventListener('popstate', tell);
    document.addEventListener('click', (event) => {
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
            return;
        const link = event.composedPath().find((each) => each instanceof HTMLAnchorElement);
        if (!link?.href || link.target || link.hasAttribute('download')) return;
        const target = new URL(link.href);
        if (target.origin !== location.origin || /^\/(auth|api|assets)\//.test(target.pathname)) return;
        event.preventDefault();
        go(target.pathname + target.search);
    });
}
