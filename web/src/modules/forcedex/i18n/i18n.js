/** The page's words in the language of who looks. */

import en from './en.js';
import zh from './zh.js';

const TABLES = { en, zh };
const KEPT = 'forcedex.language';

function chosen() {
    let kept = null;
    try {
        kept = localStorage.getItem(KEPT);
    } catch {
        // Without storage the browser's language counts.
    }
    if (kept in TABLES) return kept;
    return (navigator.languages ?? [navigator.language]).map((each) => each.slice(0, 2)).find((each) => each in TABLES) ?? 'en';
}

/** `en` or `zh`. */
export const language = chosen();
/** All words by key. */
export const label = TABLES[language];

document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';

const plurals = new Intl.PluralRules(language);

/** A text with its gaps filled; of `key` and `keyOne` the one that fits the number `n`. */
export function say(key, gaps = {}) {
    const one = 'n' in gaps && plurals.select(Number(gaps.n)) === 'one' && `${key}One` in label;
    return label[one ? `${key}One` : key].replace(/\{(\w+)\}/g, (_, name) => gaps[`${name}Text`] ?? gaps[name] ?? '');
}

/** What something of the service is called here: its own name where we know no other. */
export const called = (kind, name, own) => label[`${kind}_${String(name).replace(/\W/g, '_')}`] ?? own;

/** Speak another language, from now on. */
export function speak(other) {
    try {
        localStorage.setItem(KEPT, other);
    } catch {
        // It holds until the page is closed.
    }
    location.reload();
}
