import assert from 'node:assert/strict';
import { existsSync, readdirSync, unlinkSync } from 'node:fs';
import { test } from 'node:test';
import { emptyDirectory, openSpace, run, start } from './support/space.js';

const oneOfEach = `
    const unnamed = await scratch.temporaryFile();
    await unnamed.write('x'.repeat(100_000));
    const spooled = await scratch.spooledTemporaryFile({ maxSize: 10 });
    await spooled.write('x'.repeat(100_000));
    const named = await scratch.namedTemporaryFile();
    const tree = await scratch.temporaryDirectory();
    await (await tree.open('a', 'w')).write('x');
`;

test('closing again does nothing, and a missing name counts as removed', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const file = await scratch.namedTemporaryFile();
    unlinkSync(file.path);

    await Promise.all([file.close(), file.close()]);
    await file.close();

    assertEmpty();
    assert.equal(typeof file.path, 'string');
});

test('every operation after close is ERR_CLOSED', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    const closing = file.close();
    await assert.rejects(file.write('x'), { code: 'ERR_CLOSED' });
    await closing;

    for (const call of ['read', 'tell', 'size', 'flush', 'sync', 'truncate', 'readLine', 'keep', 'text']) {
        await assert.rejects(file[call](), { code: 'ERR_CLOSED', message: /closed/ }, call);
    }
});

test('asynchronous disposal closes files and directories', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const file = await scratch.namedTemporaryFile();
    const directory = await scratch.temporaryDirectory();

    await file[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();

    assert.ok(file.closed && directory.closed);
    assertEmpty();
});

test('closing the scratch space closes its files and directories', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const file = await scratch.namedTemporaryFile({ removal: 'on-drop' });
    await scratch.temporaryDirectory();
    const writing = file.write('x');

    await scratch.close();

    await writing;
    assertEmpty();
    await assert.rejects(file.read(), { code: 'ERR_CLOSED' });
    await assert.rejects(scratch.temporaryFile(), { code: 'ERR_CLOSED' });
    await file.close();
    await scratch.close();
});

test('calls made while the scratch space is closing are ERR_CLOSED and leave nothing', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const file = await scratch.namedTemporaryFile();

    const closing = scratch.close();
    const calls = [scratch.namedTemporaryFile(), scratch.temporaryDirectory(), file.write('x')];
    const outcomes = await Promise.allSettled([...calls, file.close(), scratch.close(), closing]);

    assert.deepEqual(
        outcomes.map(({ status, reason }) => reason?.code ?? status),
        ['ERR_CLOSED', 'ERR_CLOSED', 'ERR_CLOSED', 'fulfilled', 'fulfilled', 'fulfilled'],
    );
    assertEmpty();
});

test('dropped files and directories are removed when they are collected', async (t) => {
    const directory = emptyDirectory(t);
    const { stdout } = await run(
        `
            await (async () => {
                await scratch.namedTemporaryFile();
                const tree = await scratch.temporaryDirectory();
                await tree.open('a', 'w');
                await (await scratch.namedTemporaryFile()).text();
            })();
            const before = readdirSync(directory).length;
            for (let turn = 0; turn < 100 && readdirSync(directory).length > 0; turn += 1) {
                globalThis.gc();
                await new Promise((resolve) => setTimeout(resolve, 20));
            }
            console.log(before, readdirSync(directory).length);
        `,
        directory,
        ['--expose-gc'],
    );
    assert.equal(stdout, '3 0\n');
});

test('a reachable file keeps its directory and scratch space open', async (t) => {
    const directory = emptyDirectory(t);
    const { stdout } = await run(
        `
            import { openScratch as open } from 'scratch-tempfile';
            const file = await (async () => {
                const tree = await (await open({ directory })).temporaryDirectory();
                return tree.open('a', 'w+');
            })();
            for (let turn = 0; turn < 10; turn += 1) {
                globalThis.gc();
                await new Promise((resolve) => setTimeout(resolve, 20));
            }
            await file.write('x');
            console.log(await file.size(), readdirSync(directory).length);
        `,
        directory,
        ['--expose-gc'],
    );
    assert.equal(stdout, '1 1\n');
});

for (const [how, end] of [
    ['that ends', ''],
    ['that calls process.exit', 'process.exit();'],
    ['that calls process.exit while a creation is under way', 'void scratch.namedTemporaryFile(); process.exit();'],
    ['that throws', 'throw new Error("expected");'],
]) {
    test(`a process ${how} leaves nothing`, async (t) => {
        const directory = emptyDirectory(t);
        await run(oneOfEach + end, directory).catch((error) => assert.match(error.stderr, /expected/));
        assert.deepEqual(readdirSync(directory), []);
    });
}

test('a killed process leaves no unnamed file, and recognisable names', async (t) => {
    const directory = emptyDirectory(t);
    const { child, ended } = await start(
        `${oneOfEach} console.log('ready'); setInterval(() => {}, 1000);`,
        directory,
    );

    child.kill('SIGKILL');
    assert.equal((await ended).signal, 'SIGKILL');

    const left = readdirSync(directory);
    assert.equal(left.length, 2);
    assert.ok(left.every((name) => /^tmp[a-z0-9_]{36}$/.test(name)), left.join());
});

test('a pending call keeps the process alive, an open file does not', async (t) => {
    const directory = emptyDirectory(t);
    const { stdout } = await run(
        `scratch.temporaryFile().then((file) => file.write('x').then(() => console.log('written')));`,
        directory,
    );
    assert.equal(stdout, 'written\n');
});

test('after the component has failed, calls fail and names are removed', async (t) => {
    const { Thread } = await import('../lib/thread.js');
    const { Scratch } = await import('../lib/index.js');
    const directory = emptyDirectory(t);
    const thread = new Thread(new Map([[directory, directory]]), { TMPDIR: directory });
    const scratch = new Scratch(thread, directory);
    const file = await scratch.namedTemporaryFile();
    const kept = await scratch.namedTemporaryFile({ removal: 'never' });

    // The worker treats an unknown method as a failure of the component.
    await assert.rejects(thread.call(0, 'nothing', []), { code: 'ERR_SCRATCH_FAILED', scratchCode: 'failed' });

    await assert.rejects(file.read(), { code: 'ERR_SCRATCH_FAILED' });
    assert.deepEqual([existsSync(file.path), existsSync(kept.path)], [false, true]);
});
