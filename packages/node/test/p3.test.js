// The component for WASI 0.3 on preview3-shim, run by Node 24 after `npm run build -- --p3`.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findNode24, isP3Built, requires } from './support/requirements.js';
import { emptyDirectory } from './support/space.js';

const node24 = findNode24();
const program = fileURLToPath(new URL('support/p3.js', import.meta.url));

/** Runs a program of support/p3.js, which must leave its directory empty, and compares its result. */
function assertResult(t, name, expected) {
    if (
        !requires(t, node24 !== undefined, 'neither NODE24 nor test/node24 provides Node 24') ||
        !requires(t, isP3Built, '`npm run build -- --p3` has not been run')
    ) {
        return;
    }
    const printed = execFileSync(node24, [program, name, emptyDirectory(t)], { encoding: 'utf8', timeout: 20_000 });
    assert.deepEqual(JSON.parse(printed), { result: expected, leftovers: [] });
}

test('0.3: a named file is written, read and removed', (t) => {
    assertResult(t, 'file', ['one\ntwo\n', 'one\n']);
});

test('0.3: streams write and read a file', (t) => {
    assertResult(t, 'streams', [100_003, 100_003, 'ok']);
});

test('0.3: a directory is filled, listed and removed', (t) => {
    assertResult(t, 'directory', ['a']);
});

const todo = 'preview3-shim hangs, or mixes up the bytes of its files';
test('0.3: concurrent reads return the content of their own file', { todo }, (t) => {
    assertResult(t, 'concurrent reads', [0, 0, 0, 0]);
});
