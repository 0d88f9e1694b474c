// The build for WASI 0.3 on preview3-shim: only where NODE24 names a Node 24 or later, and after
// `npm run build -- --p3`.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { emptyDirectory } from './support/space.js';

const node = process.env.NODE24;
const isBuilt = existsSync(new URL('component-p3/scratch_tempfile.js', import.meta.url));
const skip = node === undefined ? 'NODE24 is not set' : !isBuilt && 'not built';
const program = fileURLToPath(new URL('support/p3.js', import.meta.url));

function run(t, what) {
    const printed = execFileSync(node, [program, what, emptyDirectory(t)], { encoding: 'utf8', timeout: 20_000 });
    const [result, left] = JSON.parse(printed);
    assert.deepEqual(left, []);
    return result;
}

test('0.3: files', { skip }, (t) => {
    assert.deepEqual(run(t, 'files'), ['one\ntwo\n', 'one\n']);
});

test('0.3: streams in and out', { skip }, (t) => {
    assert.deepEqual(run(t, 'streams'), [100_003, 100_003, 'ok']);
});

test('0.3: directories', { skip }, (t) => {
    assert.deepEqual(run(t, 'directories'), ['a']);
});

test('0.3: files that are used side by side', { skip, todo: 'calls hang or bytes are mixed' }, (t) => {
    assert.deepEqual(run(t, 'side by side'), [0, 0, 0, 0]);
});
