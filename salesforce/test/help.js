// What the tests of all components need.
import { createElement } from 'lwc';

/** A component on the page, with these properties. */
export function shown(name, component, properties = {}) {
    const element = createElement(name, { is: component });
    Object.assign(element, properties);
    document.body.appendChild(element);
    return element;
}

/** After all promises that are ready. */
export async function settled() {
    for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
}

/** An element in a component or in its parts, however deep. */
export function inside(root, selector) {
    return allInside(root, selector)[0] ?? null;
}

/** All of them, in their order. */
export function allInside(root, selector) {
    const found = [];
    const walk = (node) => {
        for (const each of node.querySelectorAll('*')) {
            if (each.matches(selector)) found.push(each);
            if (each.shadowRoot) walk(each.shadowRoot);
        }
    };
    walk(root.shadowRoot ?? root);
    return found;
}

/** All that can be read in a component, as a person reads it. */
export function readable(root) {
    const parts = [];
    const walk = (node) => {
        for (const child of node.childNodes) {
            if (child.nodeType === Node.TEXT_NODE) parts.push(child.textContent);
            else if (child.nodeType === Node.ELEMENT_NODE) walk(child.shadowRoot ?? child);
        }
    };
    walk(root.shadowRoot ?? root);
    return parts.join(' ').replace(/\s+/g, ' ').trim();
}

/** An answer that a test gives when it likes. */
export function later() {
    const made = {};
    made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
}

/** As Apex fails: an AuraHandledException with our words in it. */
export const failure = (code, message = '', hint = '') => ({
    status: 500,
    body: { message: JSON.stringify({ code, message, hint }) },
});

/** As the platform refuses a class to who lacks the permission set. */
export const REFUSED = { status: 500, body: { message: "You do not have access to the Apex class named 'ForcedexController'." } };

/** As the browser says that there is no network. */
export const OFFLINE = new TypeError('Failed to fetch');

/** Failures of each kind, with the words that people read. */
export const FAILURES = [
    ['the service is down', failure('unavailable'), 'The search does not answer now'],
    ['the service is slow', failure('slow'), 'The search takes too long'],
    ['the org is not known', failure('unauthorized'), 'Forcedex does not know this org'],
    ['the certificate is wrong', failure('wrong_certificate'), 'The address of Forcedex cannot be trusted'],
    ['nothing is set up', failure('not_set_up'), 'Forcedex is not set up in this org yet'],
    ['there is no permission set', REFUSED, 'You have no access to Forcedex yet'],
    ['there is no network', OFFLINE, 'Forcedex cannot be reached'],
    ['the service says why', failure('bad_query', 'A quote is open.', 'Close it.'), 'A quote is open.'],
    ['something else answered', { body: { message: '<html>502</html>' } }, 'The search does not answer now'],
];

/** What a record may hold. */
export const SCRIPT = '<img src=x onerror="window.ran = true"><script>window.ran = true</script>';

/** A hit as Apex hands it on. */
export const hit = (id, title, more = {}) => ({
    id,
    object: 'Account',
    title,
    url: `/${id}`,
    synced_at: '2026-11-24T10:00:00Z',
    fields: { Name: title, Industry: 'Energy' },
    highlights: { Name: [{ text: title, hit: true }] },
    ...more,
});
