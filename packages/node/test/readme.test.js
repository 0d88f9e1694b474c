import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { emptyDirectory, root } from './support/space.js';

const readme = readFileSync(new URL('README.md', root), 'utf8');

test("the README's program prints the documented lines and leaves nothing", (t) => {
    const [, program, shown] = /```js\n(.*?)```\s+prints\n\n(.*?)\n\nand leaves nothing/s.exec(readme);
    const directory = emptyDirectory(t);

    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
        cwd: root,
        env: { ...process.env, TMPDIR: directory },
        encoding: 'utf8',
    });

    assert.equal(printed, shown.replace(/^ {4}/gm, '') + '\n');
    assert.deepEqual(readdirSync(directory), []);
});

test("the program in the project's README prints its lines and leaves nothing", (t) => {
    const program = fileURLToPath(new URL('programs/named.js', import.meta.url));
    const directory = emptyDirectory(t);

    const printed = execFileSync(process.execPath, [program], {
        env: { ...process.env, TMPDIR: directory },
        encoding: 'utf8',
    });

    assert.equal(printed, 'one\ntwo\n');
    assert.deepEqual(readdirSync(directory), []);
});
