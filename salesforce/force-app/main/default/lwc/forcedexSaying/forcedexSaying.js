/** Texts with their gaps filled, out of a table of texts by key. */

/** `{ say, called }` over a table in a language. */
export function speaking(label, language) {
    const plurals = new Intl.PluralRules(language);
    return {
        /** A text with its gaps filled; of `key` and `keyOne` the one that fits the number `n`. */
        say(key, gaps = {}) {
            const one = 'n' in gaps && plurals.select(Number(gaps.n)) === 'one' && `${key}One` in label;
            return label[one ? `${key}One` : key].replace(/\{(\w+)\}/g, (_, name) => gaps[`${name}Text`] ?? gaps[name] ?? '');
        },
        /** What something of the service is called here: its own name where we know no other. */
        called: (kind, name, own) => label[`${kind}_${String(name).replace(/\W/g, '_')}`] ?? own,
    };
}
