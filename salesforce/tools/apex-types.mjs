// Apex, checked as a compiler does, against the platform's types and the objects and labels of this project.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { JAVA, started } from './java.mjs';

const checker = 'io.github.apexdevtools.apexls.CheckForIssues';
const root = join(import.meta.dirname, '..');
const done = spawnSync(JAVA, [...started(checker), '--detail', 'warnings', '--nocache', '--workspace', root], {
    encoding: 'utf-8',
});
// It names a file on a line of its own, and below it what is wrong: `Missing: line 21 at 41-48: …`.
let file = '';
for (const line of `${done.stdout}${done.stderr}`.split('\n').filter(Boolean)) {
    const [, kind, at, text] = /^(\w+): line (\d+)[^:]*: (.*)$/.exec(line) ?? [];
    if (line.startsWith(`${root}/`)) file = line.slice(root.length + 1);
    else console.error(text ? `${file}:${at}: ${kind}: ${text}` : line);
}
process.exitCode = done.status === 0 && !done.stdout.trim() ? 0 : 1;
