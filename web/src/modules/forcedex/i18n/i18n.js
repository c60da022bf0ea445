/** The page's words in the language of who looks. */

import { speaking } from 'c/forcedexSaying';
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

export const { say, called } = speaking(label, language);

/** Speak another language, from now on. */
export function speak(other) {
    try {
        localStorage.setItem(KEPT, other);
    } catch {
        // It holds until the page is closed.
    }
    location.reload();
}
