// Leftovers of a process that ends or is killed in the middle of its operations.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Exit } from '../lib/exit.js';
import { emptyDirectory, run, start } from './support/space.js';

const unnamedKinds = [
    'scratch.temporaryFile().then((file) => file.write("content"))',
    'scratch.spooledTemporaryFile({ maxSize: 1 }).then((file) => file.write("content"))',
    'scratch.temporaryFile().then((file) => file.text()).then((text) => text.close())',
];
const namedKinds = [
    'scratch.namedTemporaryFile().then((file) => file.write("content"))',
    'scratch.namedTemporaryFile({ removal: "on-drop" }).then((file) => file.close())',
    'scratch.namedTemporaryFile().then((file) => file.close())',
    'scratch.temporaryDirectory().then((tree) => tree.open("inner", "w")).then((file) => file.write("content"))',
    'scratch.temporaryDirectory().then((tree) => tree.close())',
];
const allKinds = [...unnamedKinds, ...namedKinds];

/** A program that starts 1,000 operations of these kinds, and runs `then` when so many have ended. */
const thousandOperations = (kinds, count, then) => `
    const kinds = [${kinds.map((kind) => `() => ${kind}`)}];
    let ended = 0;
    for (let index = 0; index < 1000; index += 1) {
        void kinds[index % kinds.length]().then(() => {
            ended += 1;
            if (ended === ${count}) {
                ${then};
            }
        });
    }
    // The process ends no other way.
    setInterval(() => {}, 1000);
`;

/** Numbers of operations after which the process ends. */
const COUNTS = [10, 600];

for (const [how, end] of [
    ['calls process.exit', 'process.exit()'],
    ['throws', 'process.nextTick(() => { throw new Error("expected"); })'],
    ['rejects without a handler', 'Promise.reject(new Error("expected"))'],
]) {
    test(`a process that ${how} during 1,000 operations leaves nothing`, async (t) => {
        for (const count of COUNTS) {
            const directory = emptyDirectory(t);
            const program = thousandOperations(allKinds, count, end);
            await run(program, directory).catch(({ stderr }) => assert.match(stderr, /expected/));
            assert.deepEqual(readdirSync(directory), [], `after ${count} operations`);
        }
    });
}

test('a process that calls process.exit with 50,000 pending operations leaves nothing', async (t) => {
    const directory = emptyDirectory(t);
    await run(
        `
            await scratch.namedTemporaryFile();
            for (let index = 0; index < 50_000; index += 1) {
                scratch.namedTemporaryFile().catch(() => {});
            }
            process.exit();
        `,
        directory,
    );
    assert.deepEqual(readdirSync(directory), []);
});

/** Starts a thread that runs `work` with its end of `exit`. */
async function startThread(t, exit, work) {
    const program = `
        const { parentPort, workerData: { module, buffer } } = require('node:worker_threads');
        import(module).then(({ Exit }) => {
            const exit = new Exit(buffer);
            const sleep = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
            exit.start();
            parentPort.postMessage('started');
            ${work}
        });
    `;
    const module = new URL('../lib/exit.js', import.meta.url).href;
    const worker = new Worker(program, { eval: true, workerData: { module, buffer: exit.buffer } });
    t.after(() => worker.terminate());
    await once(worker, 'message');
}

test('an exiting process waits as long as the removal makes progress', async (t) => {
    const exit = new Exit();
    await startThread(t, exit, 'for (let turn = 0; turn < 5; turn += 1) { sleep(600); exit.advance(); } exit.finish();');
    assert.equal(exit.wait(), true);
});

test('an exiting process does not wait for a removal without progress', async (t) => {
    const exit = new Exit();
    await startThread(t, exit, 'exit.advance(); setInterval(() => {}, 1000);');
    assert.equal(exit.wait(), false);
});

test('the exit of a worker thread that uses the package leaves nothing', async (t) => {
    const directory = emptyDirectory(t);
    const program = `
        const { workerData: { module, directory } } = require('node:worker_threads');
        import(module).then(async ({ openScratch }) => {
            const scratch = await openScratch({ directory });
            await scratch.temporaryDirectory();
            void scratch.namedTemporaryFile();
            process.exit();
        });
    `;
    const module = new URL('../lib/index.js', import.meta.url).href;
    await once(new Worker(program, { eval: true, workerData: { module, directory } }), 'exit');
    assert.deepEqual(readdirSync(directory), []);
});

/** Kills a process during 1,000 operations of these kinds, and returns its directory. */
async function kill(t, signal, kinds, count, handler = '') {
    const directory = emptyDirectory(t);
    const { child, ended } = await start(handler + thousandOperations(kinds, count, 'console.log("ready")'), directory);
    child.kill(signal);
    return { directory, ended: await ended };
}

for (const signal of ['SIGHUP', 'SIGTERM']) {
    test(`${signal} during 1,000 operations leaves only files and directories with recognisable names`, async (t) => {
        for (const count of COUNTS) {
            const { directory, ended } = await kill(t, signal, allKinds, count);

            assert.equal(ended.signal, signal);
            const leftovers = readdirSync(directory);
            assert.ok(leftovers.every((name) => /^tmp[a-z0-9_]{36}$/.test(name)), leftovers.join());
        }
    });

    test(`${signal} during 1,000 operations leaves at most one unnamed file, which is empty`, async (t) => {
        for (const count of COUNTS) {
            const { directory } = await kill(t, signal, unnamedKinds, count);

            const sizes = readdirSync(directory).map((name) => statSync(join(directory, name)).size);
            assert.ok(sizes.length === 0 || (sizes.length === 1 && sizes[0] === 0), sizes.join());
        }
    });
}

for (const signal of ['SIGHUP', 'SIGTERM']) {
    test(`${signal} during 1,000 operations leaves nothing if its handler calls process.exit`, async (t) => {
        for (const count of COUNTS) {
            const handler = `process.on('${signal}', () => process.exit(7));`;
            const { directory, ended } = await kill(t, signal, allKinds, count, handler);

            assert.equal(ended.code, 7);
            assert.deepEqual(readdirSync(directory), [], `after ${count} operations`);
        }
    });
}
