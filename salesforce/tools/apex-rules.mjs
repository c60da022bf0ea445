// Apex, looked through for what is dangerous: the rules of pmd.xml, by PMD. Anything it finds fails.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { JAVA, started } from './java.mjs';

const root = join(import.meta.dirname, '..');
const classes = join(root, 'force-app/main/default/classes');
const files = readdirSync(classes)
    .filter((name) => name.endsWith('.cls'))
    .map((name) => join(classes, name));
const place = mkdtempSync(join(tmpdir(), 'forcedex-pmd-'));
const [asked, told] = [join(place, 'asked.json'), join(place, 'told.json')];
try {
    const given = { ruleSetInputFile: join(root, 'pmd.xml'), runDataPerLanguage: { apex: { filesToScan: files } } };
    writeFileSync(asked, JSON.stringify(given));
    const done = spawnSync(JAVA, [...started('com.salesforce.sfca.pmdwrapper.PmdWrapper'), 'run', asked, told], {
        encoding: 'utf-8',
    });
    if (done.status !== 0) throw new Error(`PMD ended with ${done.status}: ${done.stdout}${done.stderr}`);
    const { violations, processingErrors } = JSON.parse(readFileSync(told, 'utf-8'));
    const lines = [
        ...processingErrors.map((each) => `${relative(root, each.file ?? '')}: ${each.message}`),
        ...violations.map(
            ({ rule, codeLocation, message }) =>
                `${relative(root, codeLocation.file)}:${codeLocation.startLine}: ${rule}: ${message}`,
        ),
    ];
    if (lines.length) {
        console.error(lines.join('\n'));
        process.exitCode = 1;
    } else {
        console.log(`${files.length} classes`);
    }
} finally {
    rmSync(place, { recursive: true });
}
