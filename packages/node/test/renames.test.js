// Named files and directories that another program renames, links or replaces while they are open.

import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyDirectory, openSpace, run } from './support/space.js';

/** Ways to end the use of a file or directory. */
const ENDS = {
    'close()': ({ entry }) => entry.close(),
    'asynchronous disposal': ({ entry }) => entry[Symbol.asyncDispose](),
    'closing the scratch space': ({ scratch }) => scratch.close(),
};

for (const [how, end] of Object.entries(ENDS)) {
    test(`${how} leaves the content of a renamed directory`, async (t) => {
        const { scratch, directory } = await openSpace(t);
        const tree = await scratch.temporaryDirectory();
        await tree.createDirectory('inner');
        writeFileSync(join(tree.path, 'inner', 'file'), 'from outside');
        const open = await tree.open('open', 'w');
        await open.write('from inside');
        const moved = join(directory, 'moved');

        renameSync(tree.path, moved);
        await end({ entry: tree, scratch });
        await open.close();

        assert.equal(readFileSync(join(moved, 'inner', 'file'), 'utf8'), 'from outside');
        assert.equal(readFileSync(join(moved, 'open'), 'utf8'), 'from inside');
        assert.deepEqual(readdirSync(directory), ['moved']);
    });

    for (const removal of ['on-close', 'on-drop']) {
        test(`${how} leaves the content of a renamed file with removal ${removal}`, async (t) => {
            const { scratch, directory } = await openSpace(t);
            const file = await scratch.namedTemporaryFile({ removal });
            const moved = join(directory, 'moved');

            await file.write('before');
            renameSync(file.path, moved);
            await file.write(' and after');
            await end({ entry: file, scratch });

            assert.equal(readFileSync(moved, 'utf8'), 'before and after');
            assert.deepEqual(readdirSync(directory), ['moved']);
        });
    }

    test(`${how} leaves the content of a linked file, and removes its name`, async (t) => {
        const { scratch, directory } = await openSpace(t);
        const file = await scratch.namedTemporaryFile();
        const linked = join(directory, 'linked');

        await file.write('before');
        linkSync(file.path, linked);
        await file.write(' and after');
        await end({ entry: file, scratch });

        assert.equal(readFileSync(linked, 'utf8'), 'before and after');
        assert.deepEqual(readdirSync(directory), ['linked']);
    });

    test(`${how} follows no link in place of a renamed directory`, async (t) => {
        const { scratch, directory } = await openSpace(t);
        const tree = await scratch.temporaryDirectory();
        const [moved, foreign] = [join(directory, 'moved'), emptyDirectory(t)];
        writeFileSync(join(tree.path, 'file'), 'ours');
        writeFileSync(join(foreign, 'file'), 'foreign');

        renameSync(tree.path, moved);
        symlinkSync(foreign, tree.path);
        // It may report that its name is no directory any more.
        await end({ entry: tree, scratch }).catch(() => {});

        assert.equal(readFileSync(join(moved, 'file'), 'utf8'), 'ours');
        assert.equal(readFileSync(join(foreign, 'file'), 'utf8'), 'foreign');
    });

    test(`${how} leaves a directory that was moved into another one`, async (t) => {
        const { scratch, directory, entries } = await openSpace(t);
        const tree = await scratch.temporaryDirectory();
        const other = await scratch.temporaryDirectory();
        mkdirSync(join(directory, 'new'));
        writeFileSync(join(tree.path, 'file'), 'content');

        renameSync(tree.path, join(directory, 'new', 'tree'));
        await end({ entry: tree, scratch });
        await other.close();

        assert.equal(readFileSync(join(directory, 'new', 'tree', 'file'), 'utf8'), 'content');
        assert.deepEqual(entries(), ['new']);
    });
}

test('a process that ends leaves the content of renamed files and directories', async (t) => {
    const directory = emptyDirectory(t);
    await run(
        `
            const { renameSync, writeFileSync } = await import('node:fs');
            const file = await scratch.namedTemporaryFile();
            await file.write('file');
            const tree = await scratch.temporaryDirectory();
            writeFileSync(tree.path + '/inner', 'tree');
            renameSync(file.path, directory + '/file');
            renameSync(tree.path, directory + '/tree');
            process.exit();
        `,
        directory,
    );
    assert.equal(readFileSync(join(directory, 'file'), 'utf8'), 'file');
    assert.equal(readFileSync(join(directory, 'tree', 'inner'), 'utf8'), 'tree');
    assert.deepEqual(readdirSync(directory).sort(), ['file', 'tree']);
});

test('renamed files and directories that are collected as garbage keep their content', async (t) => {
    const directory = emptyDirectory(t);
    await run(
        `
            const { renameSync, writeFileSync } = await import('node:fs');
            await (async () => {
                const file = await scratch.namedTemporaryFile();
                await file.write('file');
                const tree = await scratch.temporaryDirectory();
                writeFileSync(tree.path + '/inner', 'tree');
                renameSync(file.path, directory + '/file');
                renameSync(tree.path, directory + '/tree');
                await scratch.namedTemporaryFile();
            })();
            // The last file has a name: its removal shows that the others were dropped.
            for (let turn = 0; turn < 100 && readdirSync(directory).length > 2; turn += 1) {
                globalThis.gc();
                await new Promise((resolve) => setTimeout(resolve, 20));
            }
        `,
        directory,
        ['--expose-gc'],
    );
    assert.equal(readFileSync(join(directory, 'file'), 'utf8'), 'file');
    assert.equal(readFileSync(join(directory, 'tree', 'inner'), 'utf8'), 'tree');
    assert.deepEqual(readdirSync(directory).sort(), ['file', 'tree']);
});
