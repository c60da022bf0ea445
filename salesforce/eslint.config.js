import js from '@eslint/js';
import lwc from '@salesforce/eslint-config-lwc';
import { defineConfig } from 'eslint/config';
import jest from 'eslint-plugin-jest';
import globals from 'globals';

export default defineConfig([
    { ignores: ['node_modules/**', 'preview/**'] },
    {
        files: ['force-app/**/lwc/**/*.js'],
        extends: [lwc.configs.extended],
        rules: {
            // Both are about Internet Explorer, in which Lightning Experience no longer runs.
            '@lwc/lwc/no-async-await': 'off',
            '@lwc/lwc/no-for-of': 'off',
        },
    },
    { files: ['*.js', 'tools/*.mjs'], extends: [js.configs.recommended], languageOptions: { globals: globals.node } },
    {
        files: ['test/**/*.js'],
        extends: [js.configs.recommended],
        languageOptions: { globals: { ...globals.browser, ...globals.node, ...globals.jest } },
    },
    { files: ['test/**/*.test.js'], extends: [jest.configs['flat/recommended']] },
]);
