import lwc from '@salesforce/eslint-config-lwc';
import { defineConfig } from 'eslint/config';
import jest from 'eslint-plugin-jest';

export default defineConfig([
    { ignores: ['node_modules/**', 'preview/**'] },
    { files: ['force-app/**/lwc/**/*.js'], extends: [lwc.configs.recommended] },
    { files: ['test/**/*.test.js'], extends: [jest.configs['flat/recommended']] },
]);
