// The project, converted as a deployment converts it: every file must belong to a component. Then each file's elements and
// values, compared with the types of the Metadata API that Salesforce publishes.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ComponentSet, MetadataConverter } from '@salesforce/source-deploy-retrieve';
import { XMLParser, XMLValidator } from 'fast-xml-parser';

const ROOT = join(import.meta.dirname, '..');
const { packageDirectories, sourceApiVersion } = JSON.parse(readFileSync(join(ROOT, 'sfdx-project.json'), 'utf-8'));
const folders = packageDirectories.map((each) => join(ROOT, each.path));
// Of these the published types tell nothing; what a component offers is checked by what it is.
const UNTYPED = new Set(['LightningComponentBundle.targetConfigs', 'CustomMetadataValue.value']);
// Where a page may place a component of ours.
const PLACES = ['AppPage', 'HomePage', 'RecordPage', 'Tab', 'UrlAddressable', 'UtilityBar'];
const TARGETS = new Set(PLACES.map((each) => `lightning__${each}`));

const wrong = [];
const short = (path) => relative(ROOT, path);

/** Of `metadata.d.ts`: the fields of each type, and the values of each enumeration. */
function published() {
    const text = readFileSync(join(ROOT, 'node_modules/@salesforce/types/lib/metadata.d.ts'), 'utf-8');
    const types = new Map();
    for (const [, name, base, body] of text.matchAll(/^export type (\w+) = (?:(\w+) & )?\{\n([\s\S]*?)^\};/gm)) {
        const fields = new Map(types.get(base));
        for (const [, field, kind] of body.matchAll(/^ {4}(\w+)\??: (\w+)(?:\[\])?;/gm)) fields.set(field, kind);
        types.set(name, fields);
    }
    const values = new Map();
    for (const [, name, body] of text.matchAll(/^export type (\w+) = ('[^;]*');/gm)) {
        values.set(name, new Set([...body.matchAll(/'([^']*)'/g)].map((each) => each[1])));
    }
    return { types, values };
}

const { types, values } = published();
const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, ignoreDeclaration: true });

function compared(path, kind, place, told) {
    const fields = types.get(kind);
    if (typeof told !== 'object') {
        wrong.push(`${path}: <${place}> is empty`);
        return;
    }
    for (const [name, found] of Object.entries(told)) {
        const known = fields.get(name);
        if (!known) {
            wrong.push(`${path}: there is no element <${name}> in <${place}>`);
            continue;
        }
        for (const each of [found].flat()) {
            if (UNTYPED.has(`${kind}.${name}`)) continue;
            if (types.has(known)) compared(path, known, name, each);
            else if (values.has(known) && !values.get(known).has(each)) {
                wrong.push(`${path}: <${name}> cannot be “${each}”`);
            } else if (known === 'boolean' && !['true', 'false'].includes(each)) {
                wrong.push(`${path}: <${name}> is true or false, not “${each}”`);
            } else if (known === 'number' && !/^-?\d+(\.\d+)?$/.test(each)) {
                wrong.push(`${path}: <${name}> is a number, not “${each}”`);
            }
        }
    }
}

function read(path) {
    const text = readFileSync(path, 'utf-8');
    const valid = XMLValidator.validate(text);
    if (valid !== true) {
        wrong.push(`${short(path)}:${valid.err.line}: ${valid.err.msg}`);
        return;
    }
    const [[kind, told]] = Object.entries(parser.parse(text));
    if (types.has(kind)) compared(short(path), kind, kind, told);
    else wrong.push(`${short(path)}: the Metadata API has no type ${kind}`);
    if (kind === 'FlexiPage') placed(path, told);
    if (kind === 'LightningComponentBundle') offered(path, text, told);
}

/** Whether the source of a component has a property that others may set. */
const settable = (source, name) => new RegExp(`@api\\s+(?:get\\s+)?${name}\\b`).test(source);

/** What a component offers to pages: places that there are, and properties that it has. */
function offered(path, text, told) {
    const targets = [told.targets?.target ?? []].flat();
    for (const each of targets) if (!TARGETS.has(each)) wrong.push(`${short(path)}: there is no target ${each}`);
    const own = readFileSync(path.replace(/-meta\.xml$/, ''), 'utf-8');
    for (const [, places, config] of text.matchAll(/<targetConfig targets="([^"]*)"[^>]*>([\s\S]*?)<\/targetConfig>/g)) {
        for (const each of places.split(',').map((one) => one.trim())) {
            if (!targets.includes(each)) wrong.push(`${short(path)}: properties for ${each}, which is no target of it`);
        }
        for (const [, name] of config.matchAll(/<property\s[^>]*?\bname="([^"]*)"/g)) {
            if (!settable(own, name)) wrong.push(`${short(path)}: it has no property ${name}`);
        }
    }
}

/** The pages that we bring place our components, with properties that these have. */
function placed(path, told) {
    for (const item of [told.flexiPageRegions].flat().flatMap((each) => [each.itemInstances].flat())) {
        const { componentName, componentInstanceProperties } = item.componentInstance;
        const source = files.find((each) => each.endsWith(`/lwc/${componentName}/${componentName}.js`));
        const own = source ? readFileSync(source, 'utf-8') : '';
        if (!source) wrong.push(`${short(path)}: there is no component ${componentName}`);
        for (const { name, type } of [componentInstanceProperties ?? []].flat()) {
            if (source && type !== 'decorator' && !settable(own, name))
                wrong.push(`${short(path)}: ${componentName} has no property ${name}`);
        }
    }
}

const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile() && !each.parentPath.includes('__tests__'))
        .map((each) => join(each.parentPath, each.name)),
);
files.filter((path) => path.endsWith('-meta.xml')).forEach(read);

const place = mkdtempSync(join(tmpdir(), 'forcedex-metadata-'));
try {
    const found = ComponentSet.fromSource(folders);
    found.sourceApiVersion = sourceApiVersion;
    const components = found.getSourceComponents().toArray();
    const owned = new Set(
        components.flatMap((each) => [each.xml, ...each.walkContent(), ...each.getChildren().map((child) => child.xml)]),
    );
    for (const path of files)
        if (!owned.has(path)) wrong.push(`${short(path)}: no component has this file; it would not be deployed`);
    await new MetadataConverter().convert(found, 'metadata', { type: 'directory', outputDirectory: place, genUniqueDir: false });
    const made = readdirSync(place, { recursive: true });
    if (!made.includes('package.xml')) wrong.push('the conversion made no package.xml');
    if (!wrong.length) console.log(`${components.length} components in ${files.length} files`);
} catch (error) {
    wrong.push(error.message);
} finally {
    rmSync(place, { recursive: true });
}
if (wrong.length) {
    console.error(wrong.join('\n'));
    process.exitCode = 1;
}
