// The component on the filesystem of preview2-shim, as other users of jco run it.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { WASIShim } from '@bytecodealliance/preview2-shim/instantiation';
import { instantiate } from '../lib/component/scratch_tempfile.js';
import { emptyDirectory } from './support/space.js';

function open(t) {
    const directory = emptyDirectory(t);
    const shim = new WASIShim({
        sandbox: { preopens: { [directory]: directory }, env: { TMPDIR: directory }, args: [], enableNetwork: false },
    });
    const core = (name) => new WebAssembly.Module(readFileSync(new URL(`../lib/component/${name}`, import.meta.url)));
    return { directory, ...instantiate(core, shim.getImportObject()).tempfile };
}

test('on preview2-shim, files and directories work and leave nothing', (t) => {
    const { directory, TemporaryFile, TemporaryDirectory } = open(t);
    const named = TemporaryFile.createNamed({ suffix: '.txt' });
    named.write(Buffer.alloc(100_000, 'x'));
    named.seek(0n, 'start');
    assert.equal(named.readToEnd().length, 100_000);
    assert.equal(readFileSync(named.path()).length, 100_000);
    const spooled = TemporaryFile.createSpooled(4n, {});
    spooled.write(Buffer.from('12345'));
    assert.ok(spooled.isRolled());
    const tree = TemporaryDirectory.create({});
    tree.createDirectory('a');
    tree.open('a/b', { create: true }, undefined).write(Buffer.from('x'));
    assert.deepEqual(tree.entries('a'), [{ name: 'b', kind: 'file', size: 1n }]);

    named.close();
    spooled.close();
    tree.close();

    assert.deepEqual(readdirSync(directory), []);
});

test('on preview2-shim, the component refuses names and offsets that the shim would confuse', (t) => {
    const { directory, TemporaryFile } = open(t);
    const file = TemporaryFile.create({ bufferSize: 0n });
    const refused = (call) => {
        try {
            call();
        } catch (error) {
            return error.payload?.code ?? error.code;
        }
        return undefined;
    };

    for (const bad of ['a\0b', 'a\\b', '../x']) {
        assert.equal(refused(() => TemporaryFile.create({ prefix: bad })), 'invalid');
    }
    for (const offset of [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 10n]) {
        assert.equal(refused(() => file.writeAt(Buffer.from('x'), offset)), 'file-too-large');
    }
    assert.equal(refused(() => file.truncate(2n ** 60n)), 'file-too-large');
    file.write(Buffer.from('safe'));
    assert.equal(Buffer.from(file.readAt(2n ** 64n - 1n, 0n)).toString(), 'safe');
    file.close();
    assert.deepEqual(readdirSync(directory), []);
});
