/** Hits as the service tells them, made ready for the list. */

import { label, say } from 'forcedex/i18n';
import { kindOf } from 'forcedex/org';
import { recordAddress } from 'forcedex/router';
import { telling } from 'forcedex/values';

const NAMES = ['Name', 'Subject', 'CaseNumber', 'Title'];
const UNSAID = new Set(['CurrencyIsoCode']);
const PARTS = new Set(['FirstName', 'LastName', 'Salutation', 'MiddleName']);
const MOST_FACTS = 6;

const plain = (text) => [{ text, hit: false }];
const textOf = (pieces) => pieces.map((each) => each.text).join('');

/** `Billing_City__c`, `Account.Name` as words. */
export function words(path) {
    const own = path.replace(/\.Name$/, '').replace(/__[cr]$/i, '').split('.').pop();
    return own.replace(/_/g, ' ').replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/^./, (each) => each.toUpperCase());
}

/** One hit for `hitList`. */
export function ready(hit, fresh = false) {
    const marks = hit.highlights ?? {};
    const named = NAMES.find((path) => marks[path] && textOf(marks[path]) === hit.title);
    const currency = hit.fields.CurrencyIsoCode;
    const facts = Object.entries(hit.fields)
        .filter(([path, value]) => !UNSAID.has(path) && value !== hit.title && String(value) !== '')
        .slice(0, MOST_FACTS)
        .map(([path, value]) => {
            const marked = marks[path] && textOf(marks[path]) === String(value) ? marks[path] : null;
            return { path, name: words(path), pieces: marked ?? plain(telling(path, value, currency)) };
        });
    const told = new Set([named, ...facts.map((each) => each.path), ...PARTS]);
    const snippets = Object.entries(marks)
        .filter(([path]) => !told.has(path) && !(NAMES.includes(path) && textOf(marks[path]) === hit.title))
        .slice(0, 2)
        .map(([path, pieces]) => ({ path, name: words(path), pieces }));
    return {
        id: hit.id,
        object: hit.object,
        kind: kindOf(hit.object),
        title: named ? marks[named] : plain(hit.title),
        facts,
        snippets,
        href: recordAddress(hit.object, hit.id),
        url: hit.url,
        outside: say('openNamedInSalesforce', { name: hit.title }),
        fresh,
    };
}

/** A suggestion or a recent record for `searchBox`. */
export const suggested = (each) => ({ ...each, href: recordAddress(each.object, each.id), detail: each.detail || kindOf(each.object) });
export const remembered = (each) => ({
    object: each.object,
    id: each.id,
    title: each.title,
    note: each.fields['Account.Name'] ?? each.fields.Company ?? kindOf(each.object),
    href: recordAddress(each.object, each.id),
});

/** A problem of the service in the words of the page where it has its own. */
export function explained(problem) {
    const own = { unreachable: [label.unreachable, label.unreachableHint], unavailable: [label.unavailable, label.unavailableHint] };
    const [heading, hint] = own[problem.code] ?? [problem.message || label.wentWrong, problem.hint ?? label.tellUs];
    return { heading, hint };
}
