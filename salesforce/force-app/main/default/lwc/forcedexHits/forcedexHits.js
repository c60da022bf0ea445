/** Hits as the service tells them, made ready for the list: pure, the same in the page and in Salesforce. */

import { day, money } from 'c/forcedexFormat';
import { label } from 'c/forcedexWords';

const NAMES = ['Name', 'Subject', 'CaseNumber', 'Title'];
const UNSAID = new Set(['CurrencyIsoCode']);
const PARTS = new Set(['FirstName', 'LastName', 'Salutation', 'MiddleName']);
const MOST_FACTS = 6;
const DATES = /Date$/;

const plain = (text) => [{ text, hit: false }];

/** Marked pieces as one text. */
export const textOf = (pieces) => pieces.map((each) => each.text).join('');

/** `Billing_City__c`, `Account.Name` as words. */
export function words(path) {
    const own = path
        .replace(/\.Name$/, '')
        .replace(/__[cr]$/i, '')
        .split('.')
        .pop();
    return own
        .replace(/_/g, ' ')
        .replace(/([a-z\d])([A-Z])/g, '$1 $2')
        .replace(/^./, (each) => each.toUpperCase());
}

/** A telling value beside a title, from its path alone. */
export function telling(path, value, currency) {
    if (path === 'Amount') return money(value, currency);
    if (DATES.test(path)) return day(value);
    return String(value);
}

/** Title, facts and snippets of a hit, in pieces. */
export function readable(hit) {
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
    return { id: hit.id, object: hit.object, title: named ? marks[named] : plain(hit.title), facts, snippets };
}

/** The facts of a hit in one line, but for its owner and its account. */
export const brief = (hit) =>
    readable(hit)
        .facts.filter((each) => each.path !== 'Owner.Name' && each.path !== 'Account.Name')
        .slice(0, 3)
        .map((each) => textOf(each.pieces))
        .join(' · ');

/** A problem as `{ heading, hint }`: in our words where we have some for its `code`, else in those of the service. */
export function explained({ code, message, hint }) {
    const own = label[`problem_${code}`];
    if (own) return { heading: own, hint: label[`problem_${code}Hint`] };
    return { heading: message || label.wentWrong, hint: hint ?? label.tellUs };
}
