// Builds the components of an SFDX project with open-source LWC into a folder: `node build.js [project] [folder]`.
//
// LWC and rollup are those of the page (web/node_modules). The components use no base component (`lightning-…`), so that
// none is needed here; what is built is looked at and tested, never distributed.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import platform from './platform.js';

const here = dirname(fileURLToPath(import.meta.url));
const web = join(here, '../../web');
const page = createRequire(join(web, 'package.json'));
const { rollup } = page('rollup');
const [lwc, replace, terser] = ['@lwc/rollup-plugin', '@rollup/plugin-replace', '@rollup/plugin-terser'].map(
    (name) => page(name).default ?? page(name),
);

const project = resolve(process.argv[2] ?? join(here, '..'));
const built = resolve(process.argv[3] ?? join(here, 'built'));
const sources = join(project, 'force-app/main/default/lwc');
const slds = join(here, 'node_modules/@salesforce-ux/design-system/assets');

const names = readdirSync(sources).filter((each) => existsSync(join(sources, each, `${each}.js-meta.xml`)));
const exposed = ['forcedexSearch', 'forcedexRelated', 'forcedexReport'].filter((each) => names.includes(each));
const components = names.map((name) => ({ name: `c/${name}`, path: join(sources, name, `${name}.js`) }));

/** LWC's packages are the page's, wherever the importing file lies. */
function ofThePage() {
    return {
        name: 'of-the-page',
        resolveId(id) {
            if (!/^(lwc|@lwc\/[a-z-]+)$/.test(id)) return null;
            const folder = join(web, 'node_modules', id);
            const { module, main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf-8'));
            return join(folder, module ?? main);
        },
    };
}

/** One entry that knows every component that a page can hold. */
function entry() {
    const imports = exposed.map((name) => `    ${name}: () => import('c/${name}'),`).join('\n');
    return {
        name: 'entry',
        resolveId: (id) => (id === 'preview/components' ? '\0components' : null),
        load: (id) => (id === '\0components' ? `export default {\n${imports}\n};` : null),
    };
}

const quiet = (warning, warn) => {
    const text = `${warning.message} ${warning.id ?? ''}`;
    if (warning.code === 'CIRCULAR_DEPENDENCY' || /node_modules/.test(text)) return;
    warn(warning);
};
const shared = () => [
    platform(project),
    replace({
        preventAssignment: true,
        values: { 'import.meta.env.SSR': 'false', 'process.env.NODE_ENV': '"production"' },
    }),
    lwc({
        rootDir: here,
        modules: [...components, { dir: join(here, 'stubs') }],
        }),
];

rmSync(built, { recursive: true, force: true });
mkdirSync(built, { recursive: true });
const bundle = await rollup({ input: [join(here, 'src/shadow.js'), join(here, 'src/main.js')], plugins: [ofThePage(), entry(), ...shared(), terser()], onwarn: quiet });
await bundle.write({ dir: built, format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' });
await bundle.close();

// Each component alone, as it is sent before the platform's own parts.
const sizes = {};
for (const name of exposed) {
    const alone = await rollup({
        input: join(sources, name, `${name}.js`),
        external: (id) => /^(lwc$|lightning\/|@salesforce\/)/.test(id),
        plugins: [lwc({ rootDir: here, modules: components }), terser()],
        onwarn: quiet,
    });
    const { output } = await alone.generate({ format: 'es', inlineDynamicImports: true });
    const code = output.map((each) => each.code ?? '').join('');
    sizes[name] = { bytes: Buffer.byteLength(code), gzip: gzipSync(code).length };
    await alone.close();
}
writeFileSync(join(built, 'sizes.json'), JSON.stringify(sizes, null, 4));

cpSync(join(here, 'src/index.html'), join(built, 'index.html'));
cpSync(join(here, 'src/frame.css'), join(built, 'frame.css'));
const css = 'styles/salesforce-lightning-design-system.min.css';
mkdirSync(join(built, 'slds/styles'), { recursive: true });
cpSync(join(slds, css), join(built, 'slds', css));
for (const sprite of readdirSync(join(slds, 'icons'))) {
    const file = join(slds, 'icons', sprite, 'svg/symbols.svg');
    if (existsSync(file)) cpSync(file, join(built, 'slds/icons', basename(sprite), 'svg/symbols.svg'));
}
