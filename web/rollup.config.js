// The page as hashed files beside the service that sends them: ../src/forcedex/server/built.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join, resolve as absolute } from 'node:path';
import lwc from '@lwc/rollup-plugin';
import resolve from '@rollup/plugin-node-resolve';
import replace from '@rollup/plugin-replace';
import terser from '@rollup/plugin-terser';
import en from './src/modules/forcedex/i18n/en.js';
import zh from './src/modules/forcedex/i18n/zh.js';

const BUILT = '../src/forcedex/server/built';
const ASSETS = join(BUILT, 'assets');
const STATIC = 'src/static';
// What the page shares with the components in Salesforce is there, and what those look like here is in LOOKS.
const SHARED = absolute('../salesforce/force-app/main/default/lwc');
const LOOKS = absolute('src/looks');
const MAIN = absolute('src/main.js');
const WORDS = absolute('src/modules/forcedex/i18n/i18n.js');
// Of what the built files are made of.
const LICENCES = ['lwc/LICENSE.md', 'echarts/LICENSE', 'echarts/NOTICE', 'zrender/LICENSE'];

/** Ends the build if a text is there in one language only, or its gaps differ. */
function sameLabels() {
    const gaps = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((each) => each[1]).sort().join();
    const wrong = [...new Set([...Object.keys(en), ...Object.keys(zh)])].filter(
        (key) => !(key in en) || !(key in zh) || gaps(en[key]) !== gaps(zh[key]),
    );
    if (wrong.length) throw new Error(`i18n/en.js and i18n/zh.js differ: ${wrong.join(', ')}`);
}

/** Empties the folder, copies style sheet and icon under hashed names, writes the document. */
function page() {
    return {
        name: 'page',
        buildStart() {
            sameLabels();
            rmSync(BUILT, { recursive: true, force: true });
            mkdirSync(ASSETS, { recursive: true });
        },
        writeBundle(_, bundle) {
            const names = {};
            for (const file of readdirSync(STATIC).filter((each) => each !== 'index.html')) {
                const content = readFileSync(join(STATIC, file));
                const hash = createHash('sha256').update(content).digest('hex').slice(0, 10);
                names[file] = `${basename(file, extname(file))}-${hash}${extname(file)}`;
                cpSync(join(STATIC, file), join(ASSETS, names[file]));
            }
            const entry = Object.values(bundle).find((each) => each.isEntry);
            names['main.js'] = entry.fileName;
            const licences = LICENCES.map((each) => readFileSync(join('node_modules', each), 'utf-8'));
            writeFileSync(join(BUILT, 'LICENSES.txt'), licences.join('\n\n'));
            const whole = readFileSync(join(STATIC, 'index.html'), 'utf-8');
            writeFileSync(join(BUILT, 'index.html'), whole.replace(/\{([\w.]+)\}/g, (_, name) => names[name]));
        },
    };
}

/** `c/forcedexMarked`, as Salesforce calls it, and `forcedex/marked`, as the page does, are one file. */
function shared() {
    return {
        name: 'shared',
        resolveId(wanted, importer = '') {
            if (wanted === 'c/forcedexWords') return WORDS;
            // LWC is the page's own, whatever is installed beside the shared parts.
            if (/^(lwc$|@lwc\/)/.test(wanted) && importer.startsWith(SHARED)) return this.resolve(wanted, MAIN, { skipSelf: true });
            const [, own, name] = /^(c\/forcedex|forcedex\/)(\w+)$/.exec(wanted) ?? [];
            if (name) {
                const bundle = `forcedex${name[0].toUpperCase()}${name.slice(1)}`;
                const found = join(SHARED, bundle, `${bundle}.js`);
                const ours = own === 'forcedex/' && existsSync(join('src/modules/forcedex', name, `${name}.js`));
                return !ours && existsSync(found) ? found : null;
            }
            const look = importer.startsWith(SHARED) && importer.endsWith('.html') && /^\.\/(\w+\.css)$/.exec(wanted);
            return look && existsSync(join(LOOKS, look[1])) ? join(LOOKS, look[1]) : null;
        },
    };
}

export default {
    input: 'src/main.js',
    output: {
        dir: ASSETS,
        format: 'es',
        entryFileNames: '[name]-[hash].js',
        chunkFileNames: '[name]-[hash].js',
    },
    plugins: [
        page(),
        shared(),
        replace({ 'process.env.NODE_ENV': '"production"', preventAssignment: true }),
        // Before LWC's own, which would not see what of ECharts can be left out.
        resolve({ resolveOnly: [/^echarts/, /^zrender/, 'tslib'] }),
        lwc({
            rootDir: 'src/modules',
            exclude: ['**/node_modules/echarts/**', '**/node_modules/zrender/**', '**/node_modules/tslib/**'],
            disableSyntheticShadowSupport: true,
        }),
        terser({ format: { comments: false } }),
    ],
    onwarn(warning, warn) {
        if (warning.code !== 'CIRCULAR_DEPENDENCY' || !warning.message.includes('node_modules')) warn(warning);
    },
};
