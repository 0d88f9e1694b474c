import assert from 'node:assert/strict';
import { mkdirSync, rmdirSync } from 'node:fs';
import { test } from 'node:test';
import { openSpace } from './support/space.js';

test('a spooled file rolls over when it grows beyond its maximum', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const file = await scratch.spooledTemporaryFile({ maxSize: 4 });

    await file.write('1234');
    assert.equal(await file.isRolled(), false);
    await file.write('5');

    assert.equal(await file.isRolled(), true);
    assert.equal((await file.readAt(10, 0)).toString(), '12345');
    assert.equal(await file.tell(), 5);
    assertEmpty();
});

test('concurrent writes are complete after a rollover', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.spooledTemporaryFile({ maxSize: 100 });

    await Promise.all(Array.from({ length: 100 }, (_, index) => file.write(`${index}\n`)));

    const lines = (await file.readAt(1000, 0)).toString().trimEnd().split('\n');
    assert.deepEqual(lines, Array.from({ length: 100 }, (_, index) => `${index}`));
});

test('truncate above the maximum moves the content to disk, seeking does not', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.spooledTemporaryFile({ maxSize: 10 });

    await file.seek(1000);
    assert.equal(await file.isRolled(), false);
    await file.truncate(11);
    assert.equal(await file.isRolled(), true);
    assert.equal(await file.size(), 11);
});

test('after a failed rollover the content is still in memory', async (t) => {
    const { scratch, directory } = await openSpace(t);
    await (await scratch.temporaryFile()).close();
    const file = await scratch.spooledTemporaryFile({ maxSize: 4 });
    await file.write('1234');
    rmdirSync(directory);

    await assert.rejects(file.write('5'), { code: 'ENOENT' });

    assert.equal(await file.isRolled(), false);
    assert.equal((await file.readAt(10, 0)).toString(), '1234');
    await file.close();
    mkdirSync(directory);
});
