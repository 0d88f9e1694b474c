// Directories of which the user lacks some permission. Root gives up its privileges first.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linuxOnly, requires } from './support/requirements.js';
import { canDropCapabilities, emptyDirectory, runWithoutCapabilities } from './support/space.js';

function permissionTest(name, body) {
    test(name, { skip: linuxOnly }, async (t) => {
        if (requires(t, canDropCapabilities, 'root needs setpriv to drop its capabilities')) {
            await body(t);
        }
    });
}

for (const umask of ['0000', '0477', '0600', '0777']) {
    permissionTest(`files and directories have modes 0600 and 0700 with umask ${umask}`, async (t) => {
        const printed = await runInDirectory(t, 0o700, `
            import { readFileSync, statSync, unlinkSync } from 'node:fs';
            process.umask('${umask}');
            const mode = (path) => (statSync(path).mode & 0o777).toString(8);
            const file = await scratch.namedTemporaryFile();
            await file.write('content');
            await file.flush();
            console.log(mode(file.path), readFileSync(file.path, 'utf8'));
            await file.close();
            const tree = await scratch.temporaryDirectory();
            await tree.createDirectory('inner');
            await (await tree.open('inner/file', 'w')).close();
            await (await tree.open('inner/file', 'r')).close();
            console.log(mode(tree.path), mode(tree.path + '/inner'), mode(tree.path + '/inner/file'));
            await tree.close();
            for (const kind of ['temporaryFile', 'namedTemporaryFile', 'spooledTemporaryFile']) {
                const kept = await scratch[kind]();
                await kept.persist(directory + '/kept');
                console.log(mode(kept.path));
                unlinkSync(kept.path);
            }
        `);

        assert.equal(printed, '600 content\n700 700 600\n600\n600\n600\n');
    });
}

/** Runs a program with scratch space in a directory of this mode, and returns what it prints. */
async function runInDirectory(t, mode, program) {
    const directory = emptyDirectory(t);
    mkdirSync(join(directory, 'below'));
    chmodSync(join(directory, 'below'), mode);
    chmodSync(directory, mode);
    const { stdout } = await runWithoutCapabilities(program, directory);
    chmodSync(directory, 0o700);
    chmodSync(join(directory, 'below'), 0o700);
    assert.deepEqual(readdirSync(directory), ['below']);
    return stdout;
}

permissionTest('files and directories work in a directory that cannot be listed', async (t) => {
    const printed = await runInDirectory(t, 0o300, `
        try { readdirSync(directory); } catch ({ code }) { console.log(code); }
        for (const kind of ['temporaryFile', 'namedTemporaryFile', 'spooledTemporaryFile']) {
            const file = await scratch[kind]({ maxSize: 1 });
            await file.write('content');
            console.log(String(await file.readAt(7, 0)));
            await file.close();
        }
        const tree = await scratch.temporaryDirectory();
        await (await tree.open('a', 'w')).write('content');
        console.log((await tree.entries())[0].size);
        await tree.close();
    `);

    assert.equal(printed, 'EACCES\ncontent\ncontent\ncontent\n7\n');
});

permissionTest('files move into and are created in a further directory that cannot be listed', async (t) => {
    const printed = await runInDirectory(t, 0o300, `
        import { readFileSync, unlinkSync } from 'node:fs';
        const file = await scratch.namedTemporaryFile({ directory: directory + '/below' });
        await file.write('content');
        await file.persist(directory + '/kept');
        await (await scratch.temporaryFile()).rollover();
        const further = await openScratch({ directory: '/', directories: [directory + '/below'] });
        await (await further.namedTemporaryFile({ directory: directory + '/below' })).close();
        await file.close();
        console.log(readFileSync(file.path, 'utf8'));
        unlinkSync(file.path);
    `);

    assert.equal(printed, 'content\n');
});

permissionTest('creating a file in a directory without write permission is refused with its path', async (t) => {
    const printed = await runInDirectory(t, 0o500, `
        await scratch.temporaryFile().catch((error) => console.log(error.code, error.message));
    `);

    assert.match(printed, /^EACCES directory ".*scratch-test-\w+": access denied\n$/);
});

permissionTest('no other directory is used instead of one without write permission', async (t) => {
    const printed = await runInDirectory(t, 0o500, `
        const other = await openScratch({ directory, directories: ['/tmp', '/'] });
        await other.temporaryFile().catch((error) => console.log(error.code));
    `);

    assert.equal(printed, 'EACCES\n');
});

permissionTest('opening a directory without search permission is EACCES, with its path', async (t) => {
    await assert.rejects(runInDirectory(t, 0o600, ''), ({ stderr }) => {
        assert.match(stderr, /ScratchError: directory ".*scratch-test-.*": EACCES/);
        return true;
    });
});
