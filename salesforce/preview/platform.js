// What the platform gives to components, for the preview: a rollup plugin that makes the `@salesforce/…` modules.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const OURS = /^@salesforce\/(apex\/|label\/c\.|user\/|client\/|customPermission\/|userPermission\/|i18n\/)/;
const PREFIX = '\0platform:';

/** Labels of a metadata file: `labels` of CustomLabels, `customLabels` of a translation. */
function texts(file, element, name, value) {
    const found = {};
    const xml = readFileSync(file, 'utf-8');
    for (const [, each] of xml.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, 'g'))) {
        const one = (tag) => new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(each)?.[1] ?? '';
        found[one(name)] = plain(one(value));
    }
    return found;
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function plain(text) {
    return text
        .replace(/<!--[\s\S]*?-->/g, '')
        .replace(/&(#x?[\da-f]+|\w+);/gi, (whole, name) => {
            if (name[0] !== '#') return ENTITIES[name] ?? whole;
            return String.fromCodePoint(name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1)));
        });
}

/** All labels of a project, by language. */
function labelsOf(project) {
    const folder = join(project, 'force-app/main/default');
    const found = { en: texts(join(folder, 'labels/CustomLabels.labels-meta.xml'), 'labels', 'fullName', 'value') };
    const translations = join(folder, 'translations');
    for (const file of listed(translations).filter((each) => each.endsWith('.translation-meta.xml'))) {
        const language = file.split(/[._]/)[0];
        found[language] = texts(join(translations, file), 'customLabels', 'name', 'label');
    }
    return found;
}

function listed(folder) {
    try {
        return readdirSync(folder);
    } catch {
        return [];
    }
}

/** The rollup plugin. A label that the project does not have ends the build. */
export default function platform(project) {
    const labels = labelsOf(project);
    return {
        name: 'platform',
        resolveId: (id) => (OURS.test(id) ? PREFIX + id.slice('@salesforce/'.length) : null),
        load(id) {
            if (!id.startsWith(PREFIX)) return null;
            const [kind, ...rest] = id.slice(PREFIX.length).split('/');
            const name = rest.join('/');
            switch (kind) {
                case 'apex':
                    return `export default (given) => window.preview.apex(${JSON.stringify(name)}, given);`;
                case 'label': {
                    const key = name.slice('c.'.length);
                    if (!(key in labels.en)) this.error(`There is no custom label ${key}.`);
                    const texts = Object.fromEntries(Object.entries(labels).map(([lang, all]) => [lang, all[key]]));
                    return `export default window.preview.said(${JSON.stringify(texts)});`;
                }
                case 'user':
                    return `export default window.preview.user[${JSON.stringify(name)}];`;
                case 'client':
                    return 'export default window.preview.formFactor;';
                case 'i18n':
                    return `export default window.preview.i18n[${JSON.stringify(name)}];`;
                default:
                    return 'export default true;';
            }
        },
    };
}
