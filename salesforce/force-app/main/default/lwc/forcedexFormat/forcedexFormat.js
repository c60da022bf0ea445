/** Numbers, money, days and times as the user's locale writes them. Exact decimals stay texts all the way. */

import { language, say } from 'c/forcedexWords';

let locale = navigator.language;
let zone;
const made = new Map();

function supported(tag) {
    try {
        return Intl.NumberFormat.supportedLocalesOf(tag).length > 0;
    } catch {
        return false;
    }
}

/** The locale (`de_DE`) and time zone that Salesforce knows of the user. */
export function useLocale(name, timeZone) {
    const tag = String(name ?? '').replace(/_/g, '-');
    if (tag && supported(tag)) locale = tag;
    zone = timeZone || undefined;
    made.clear();
}

function formatter(kind, options) {
    const key = kind.name + JSON.stringify(options);
    if (!made.has(key)) made.set(key, new kind(locale, options));
    return made.get(key);
}

/** A number or decimal text. */
export const number = (value, options = { maximumFractionDigits: 2 }) => formatter(Intl.NumberFormat, options).format(value);

/** An amount with its currency's sign; cents and all. */
export function money(value, currency, places) {
    const digits = places === undefined ? {} : { minimumFractionDigits: places, maximumFractionDigits: places };
    if (!/^[A-Z]{3}$/.test(currency ?? ''))
        return number(value, { minimumFractionDigits: places ?? 2, maximumFractionDigits: places ?? 2 });
    return number(value, { style: 'currency', currency, currencyDisplay: 'narrowSymbol', ...digits });
}

/** An amount for little room. */
export const shortMoney = (value, currency) =>
    number(value, {
        ...(/^[A-Z]{3}$/.test(currency ?? '') ? { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } : {}),
        notation: 'compact',
        maximumFractionDigits: 1,
        minimumFractionDigits: 0,
    });

/** A part of one in per cent. */
export const share = (value) => number(value, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });

const MINUTE = 60,
    HOUR = 3_600,
    DAY = 86_400;

/** A number in the user's locale with a unit in the page's language. */
const measured = (amount, unit) => say(unit, { text: number(amount, { maximumFractionDigits: 1 }) });

/** Minutes as the unit that reads best. */
export function duration(minutes) {
    const value = Number(minutes);
    if (Math.abs(value) < 60) return measured(Math.round(value), 'minutes');
    return Math.abs(value) < 2_880 ? measured(value / 60, 'hours') : measured(value / 1_440, 'days');
}

/** A day that has no time: `2026-03-31`. */
export function day(text) {
    const [year, month, date] = String(text).slice(0, 10).split('-').map(Number);
    if (!date) return String(text);
    return formatter(Intl.DateTimeFormat, { dateStyle: 'medium', timeZone: 'UTC' }).format(Date.UTC(year, month - 1, date));
}

/** A moment, in the user's time zone. */
export function moment(text) {
    const at = new Date(text);
    if (Number.isNaN(at.getTime())) return String(text);
    try {
        return formatter(Intl.DateTimeFormat, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(at);
    } catch {
        return formatter(Intl.DateTimeFormat, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
    }
}

/** How long ago something was. */
export function ago(text, now = Date.now()) {
    const seconds = Math.max(0, (now - new Date(text).getTime()) / 1000);
    if (!Number.isFinite(seconds)) return '';
    return seconds < 10 ? say('justNow') : before(seconds);
}

function before(seconds) {
    const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
    if (seconds < MINUTE) return words.format(-Math.round(seconds), 'second');
    if (seconds < HOUR) return words.format(-Math.round(seconds / MINUTE), 'minute');
    if (seconds < DAY) return words.format(-Math.round(seconds / HOUR), 'hour');
    return words.format(-Math.round(seconds / DAY), 'day');
}

/** A span of seconds. */
export function span(seconds) {
    if (seconds >= 90) return duration(seconds / 60);
    return say('seconds', { text: number(seconds, { maximumFractionDigits: seconds < 1 ? 2 : 1 }) });
}

/** The figure of a report's column; a dash where there is none. */
export function figure(value, shows, { currency, places } = {}) {
    if (value === null || value === undefined) return '–';
    switch (shows) {
        case 'money':
            return money(value, currency, places);
        case 'share':
            return share(value);
        case 'days':
            return measured(value, 'days');
        case 'minutes':
            return duration(value);
        default:
            return number(value);
    }
}

/** How a figure differs from the one before: `{ text, up, down }`, or null where that says nothing. */
export function difference(value, old, shows) {
    if (value === null || value === undefined || old === null || old === undefined) return null;
    const now = Number(value),
        past = Number(old);
    const change = shows === 'share' ? (now - past) * 100 : past > 0 ? (now / past - 1) * 100 : NaN;
    if (!Number.isFinite(change)) return null;
    const text = number(change, { signDisplay: 'exceptZero', maximumFractionDigits: 1 });
    return { text: shows === 'share' ? say('points', { text }) : `${text} %`, up: change > 0.05, down: change < -0.05 };
}

/** A period as people read it: `2026-10-01..2026-11-23`. */
export function period(text) {
    const [first, last] = String(text).split('..');
    if (!last) return /^\d{4}-\d\d-\d\d$/.test(first) ? day(first) : first === 'all' ? say('allTime') : first;
    return `${day(first)} – ${day(last)}`;
}
