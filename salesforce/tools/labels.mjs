// Writes what Salesforce keeps of our texts: custom labels, their translation, and the module that imports them.
// `--check` compares instead, and ends with 1 where a file is not what it should be.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import texts from './texts.mjs';

const ROOT = join(import.meta.dirname, '..');
const MAIN = join(ROOT, 'force-app/main/default');
const LWC = join(MAIN, 'lwc');
// The page's texts, read as the modules they are.
const read = async (language) => {
    const source = readFileSync(join(ROOT, `../web/src/modules/forcedex/i18n/${language}.js`), 'utf-8');
    return (await import(`data:text/javascript,${encodeURIComponent(source)}`)).default;
};
const FAMILIES = /^(report|sort|dimension|object|problem)_/;
const FITS = /^[a-zA-Z](?:[a-zA-Z0-9]|_(?!_))*[a-zA-Z0-9]$/; // as an API name; custom fields of one org are not for all

const [en, zh] = [await read('en'), await read('zh')];
for (const [key, [english, chinese]] of Object.entries(texts)) {
    if (key in en) throw new Error(`${key} is a text of the page already`);
    en[key] = english;
    zh[key] = chinese;
}

const sources = readdirSync(LWC)
    .filter((name) => name !== 'forcedexWords')
    .flatMap((name) => readdirSync(join(LWC, name)).map((file) => join(LWC, name, file)))
    .filter((path) => /\.(js|html)$/.test(path))
    .map((path) => readFileSync(path, 'utf-8'))
    .join('\n');
const named = new Set([
    ...[...sources.matchAll(/\blabel\.(\w+)/g)].map((each) => each[1]),
    ...[...sources.matchAll(/'(\w+)'/g)].map((each) => each[1]).filter((key) => key in en),
]);
for (const key of [...named]) if (`${key}One` in en) named.add(`${key}One`);
for (const key of named) if (!(key in en)) throw new Error(`there is no text ${key}`);
const keys = [...new Set([...named, ...Object.keys(en).filter((key) => FAMILIES.test(key))])]
    .filter((key) => FITS.test(key))
    .sort();

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const XMLNS = 'xmlns="http://soap.sforce.com/2006/04/metadata"';
const labels = keys.map(
    (key) => `    <labels>
        <fullName>Forcedex_${key}</fullName>
        <categories>Forcedex</categories>
        <language>en_US</language>
        <protected>false</protected>
        <shortDescription>${key}</shortDescription>
        <value>${escaped(en[key])}</value>
    </labels>
`,
);
const translated = keys.map(
    (key) => `    <customLabels>
        <label>${escaped(zh[key])}</label>
        <name>Forcedex_${key}</name>
    </customLabels>
`,
);
const made = {
    'labels/CustomLabels.labels-meta.xml': `${HEAD}<CustomLabels ${XMLNS}>\n${labels.join('')}</CustomLabels>\n`,
    'translations/zh_CN.translation-meta.xml': `${HEAD}<Translations ${XMLNS}>\n${translated.join('')}</Translations>\n`,
    'lwc/forcedexWords/forcedexWords.js': `/** Our texts in the language of who looks. Written by \`npm run labels\`: change tools/texts.mjs, or the texts of the page. */

import language from '@salesforce/i18n/lang';
${keys.map((key) => `import ${key}_ from '@salesforce/label/c.Forcedex_${key}';`).join('\n')}
import { speaking } from 'c/forcedexSaying';

/** All texts by key. */
export const label = {
${keys.map((key) => `    ${key}: ${key}_,`).join('\n')}
};

export const { say, called } = speaking(label, language);
export { language };
`,
};

const wrong = [];
for (const [path, text] of Object.entries(made)) {
    const target = join(MAIN, path);
    if (process.argv.includes('--check')) {
        if (!existsSync(target) || readFileSync(target, 'utf-8') !== text) wrong.push(path);
    } else {
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, text);
    }
}
if (wrong.length) {
    console.error(`Not what the texts make: ${wrong.join(', ')}. Run \`npm run labels\` in salesforce/.`);
    process.exit(1);
}
console.log(`${keys.length} labels in two languages`);
