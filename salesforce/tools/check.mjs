// All that can be checked without an org, side by side, a line each. `--only NAME` runs one of them, with what follows as its
// own options: `--only components test/report.test.js`.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { JAVA_HOME } from './java.mjs';

const ROOT = join(import.meta.dirname, '..');
const bin = (name) => join(ROOT, 'node_modules/.bin', name);
const tool = (name) => [process.execPath, join(import.meta.dirname, `${name}.mjs`)];

// The longest first.
const CHECKS = [
    { name: 'components', of: 'Jest, accessibility included', command: [bin('jest')] },
    { name: 'code', of: 'ESLint', command: [bin('eslint'), '--max-warnings', '0', '.'] },
    { name: 'format', of: 'Prettier', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
    { name: 'apex-types', of: 'Apex, as a compiler reads it', command: tool('apex-types') },
    { name: 'apex-rules', of: 'Apex, security rules of PMD', command: tool('apex-rules') },
    { name: 'metadata', of: 'conversion, elements, values', command: tool('metadata') },
    { name: 'labels', of: 'texts in both languages', command: [...tool('labels'), '--check'] },
];

const [flag, only, ...options] = process.argv.slice(2);
const wanted = flag ? CHECKS.filter((each) => each.name === only) : CHECKS;
if ((flag && flag !== '--only') || !wanted.length) {
    console.error(`--only one of ${CHECKS.map((each) => each.name).join(', ')}.`);
    process.exit(2);
}

function run({ name, of, command: [program, ...given] }) {
    const began = performance.now();
    const env = { ...process.env, JAVA_HOME, FORCE_COLOR: '0' };
    const child = spawn(program, [...given, ...options], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (part) => (said += part));
    child.stderr.on('data', (part) => (said += part));
    return new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (code) => {
            const seconds = ((performance.now() - began) / 1000).toFixed(1);
            console.log(`${code === 0 ? '✓' : '✗'} ${name.padEnd(11)} ${of.padEnd(29)} ${seconds.padStart(5)} s`);
            if (code !== 0) console.log(said.trimEnd());
            resolve(code === 0);
        });
    });
}

const waiting = [...wanted];
const fine = [];
const work = async () => {
    // One after the other, as many at once as there are processors.
    for (let next = waiting.shift(); next; next = waiting.shift()) fine.push(await run(next));
};
await Promise.all(Array.from({ length: Math.min(wanted.length, availableParallelism()) }, work));
const red = fine.filter((each) => !each).length;
console.log(red ? `${red} of ${wanted.length} failed.` : `All ${wanted.length} fine.`);
process.exitCode = red ? 1 : 0;
