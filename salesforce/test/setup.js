// Every text is the English one that is deployed, so that tests see what people read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setup } from '@sa11y/jest';

setup();
const xml = readFileSync(join(__dirname, '../force-app/main/default/labels/CustomLabels.labels-meta.xml'), 'utf-8');
const plain = (text) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
for (const [, name, text] of xml.matchAll(/<fullName>(\w+)<\/fullName>[\s\S]*?<value>([\s\S]*?)<\/value>/g)) {
    jest.doMock(`@salesforce/label/c.${name}`, () => ({ __esModule: true, default: plain(text) }), { virtual: true });
}
