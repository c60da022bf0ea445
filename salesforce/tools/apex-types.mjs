// Apex, checked as a compiler does, against the platform's types and the objects and labels of this project.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { JARS, JAVA } from './java.mjs';

const checker = 'io.github.apexdevtools.apexls.CheckForIssues';
const root = join(import.meta.dirname, '..');
const done = spawnSync(JAVA, ['-cp', JARS, checker, '--detail', 'warnings', '--nocache', '--workspace', root], {
    encoding: 'utf-8',
});
process.stderr.write(`${done.stdout}${done.stderr}`.replaceAll(`${root}/`, ''));
process.exit(done.status === 0 && !done.stdout.trim() ? 0 : 1);
