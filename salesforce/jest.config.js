import { createRequire } from 'node:module';

const { jestConfig } = createRequire(import.meta.url)('@salesforce/sfdx-lwc-jest/config');

export default {
    ...jestConfig,
    moduleNameMapper: { '^lightning/navigation$': '<rootDir>/test/mocks/navigation' },
    setupFilesAfterEnv: [...jestConfig.setupFilesAfterEnv, '<rootDir>/test/setup.js'],
    testMatch: ['<rootDir>/test/**/*.test.js'],
    modulePathIgnorePatterns: ['<rootDir>/preview/'],
};
