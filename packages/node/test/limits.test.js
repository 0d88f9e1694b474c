import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openScratch } from '../lib/index.js';
import { requires } from './support/requirements.js';
import { emptyDirectory, root } from './support/space.js';

/** Mounts a filesystem of 1 MiB, if that is permitted. */
function smallDisk(t) {
    const path = mkdtempSync(join(tmpdir(), 'scratch-small-'));
    try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' });
    } catch {
        rmdirSync(path);
        requires(t, false, 'mounting a filesystem is not permitted');
        return undefined;
    }
    t.after(() => {
        execFileSync('umount', ['-l', path]);
        rmdirSync(path);
    });
    return path;
}

test('a full disk is ENOSPC, and earlier content is unchanged', async (t) => {
    const directory = smallDisk(t);
    if (directory === undefined) {
        return;
    }
    const scratch = await openScratch({ directory });
    const file = await scratch.temporaryFile();
    await file.write(Buffer.alloc(700_000, 'a'));

    await assert.rejects(file.write(Buffer.alloc(700_000, 'b')), { code: 'ENOSPC', scratchCode: 'insufficient-space' });

    assert.equal(await file.size(), 700_000);
    assert.equal(await file.tell(), 700_000);
    assert.ok((await file.readAt(2 ** 20, 0)).equals(Buffer.alloc(700_000, 'a')));
    await file.write('c');
    await file.flush();
    const spooled = await scratch.spooledTemporaryFile({ maxSize: 500_000 });
    await spooled.write(Buffer.alloc(500_000, 'd'));
    await assert.rejects(spooled.write('e'), { code: 'ENOSPC' });
    assert.equal(await spooled.isRolled(), false);
    await file.close();
    await spooled.write('e');
    assert.equal(await spooled.size(), 500_001);
    await scratch.close();
    assert.deepEqual(readdirSync(directory), []);
});

test('too many open files is EMFILE, and open files remain usable', { skip: process.platform === 'win32' }, async (t) => {
    const directory = emptyDirectory(t);
    const program = `
        import { openScratch } from 'scratch-tempfile';
        const scratch = await openScratch({ directory: process.argv[1] });
        const files = [];
        let refused;
        while (refused === undefined && files.length < 500) {
            await scratch.temporaryFile({ bufferSize: 0 }).then((file) => files.push(file), (error) => { refused = error; });
        }
        await files[0].write('still here');
        await files.pop().close();
        await (await scratch.temporaryFile({ bufferSize: 0 })).write('again');
        console.log(refused.code, refused.scratchCode, String(await files[0].readAt(10, 0)));
    `;
    const { stdout } = await promisify(execFile)(
        'sh',
        ['-c', 'ulimit -n 100; exec "$0" --input-type=module --eval "$1" "$2"', process.execPath, program, directory],
        { cwd: root },
    );
    assert.equal(stdout, 'EMFILE io still here\n');
    assert.deepEqual(readdirSync(directory), []);
});

test('two hundred files are written and read concurrently', async (t) => {
    const directory = emptyDirectory(t);
    const scratch = await openScratch({ directory });
    t.after(() => scratch.close());

    const sums = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
            const file = await scratch.temporaryFile();
            for (let turn = 0; turn < 10; turn += 1) {
                await file.write(Buffer.alloc(1000, index));
            }
            await file.seek(0);
            const content = await file.read();
            await file.close();
            return content.length === 10_000 && content.every((byte) => byte === index);
        }),
    );

    assert.ok(sums.every(Boolean));
    assert.deepEqual(readdirSync(directory), []);
});

test("a large write does not block the caller's thread", async (t) => {
    const directory = emptyDirectory(t);
    const scratch = await openScratch({ directory });
    t.after(() => scratch.close());
    const file = await scratch.temporaryFile();
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);

    await file.write(Buffer.alloc(64 * 1024 * 1024));
    await file.sync();
    clearInterval(ticking);

    assert.ok(turns > 3, `${turns} turns`);
});
