import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { emptyDirectory, openSpace } from './support/space.js';

test('an unnamed file has its content and no name', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const file = await scratch.temporaryFile();

    await file.write('one\n');
    await file.write(Buffer.from('two\n'));
    await file.seek(0);

    assert.equal(file.path, undefined);
    assert.equal((await file.readToEnd()).toString(), 'one\ntwo\n');
    assertEmpty();
    await file.close();
    assert.equal(file.closed, true);
});

test("node:fs can open a named file's path, which only the owner may access", async (t) => {
    const { scratch, directory, assertEmpty } = await openSpace(t);
    const file = await scratch.namedTemporaryFile({ prefix: 'report-', suffix: '.txt' });

    await file.write('draft');
    await file.flush();

    assert.equal(dirname(file.path), directory);
    assert.match(file.path, /report-[a-z0-9_]{36}\.txt$/);
    assert.equal(readFileSync(file.path, 'utf8'), 'draft');
    assert.equal(statSync(file.path).mode & 0o777, 0o600);
    await file.close();
    assertEmpty();
});

test('reading returns what another program wrote to a named file', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.namedTemporaryFile();

    writeFileSync(file.path, 'from outside');

    assert.equal((await file.read()).toString(), 'from outside');
});

test('operations that are not awaited run in the order of the calls', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();

    const [, , , text] = await Promise.all([file.write('a'), file.write('b'), file.seek(0), file.read()]);

    assert.equal(text.toString(), 'ab');
});

test('positions and sizes in bytes follow every operation', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.write('0123456789');

    await file.writeAt('AB', 2);

    assert.equal((await file.readAt(4, 1)).toString(), '1AB4');
    assert.equal(await file.tell(), 10);
    assert.equal(await file.seek(-3, 'end'), 7);
    assert.equal(await file.seek(-2n, 'current'), 5);
    await file.truncate();
    assert.equal(await file.size(), 5);
    await file.truncate(8n);
    assert.equal((await file.readAt(100, 0)).toString(), '01AB4\0\0\0');
});

test('a result is a bigint only if a number would not be exact', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();

    assert.equal(await file.seek(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
    assert.equal(await file.seek(2n ** 53n), 2n ** 53n);
    assert.equal(await file.tell(), 2n ** 53n);
    assert.equal((await file.read(10)).length, 0);
});

test('data of every type is copied when the call is made', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    const bytes = Buffer.from('abc');

    const writing = file.write(bytes);
    bytes.fill('x');
    await writing;
    await file.write(new Uint16Array([0x6564]));
    await file.write(new TextEncoder().encode('f').buffer);
    await file.write(new DataView(new TextEncoder().encode('xgx').buffer, 1, 1));
    await file.writeLines(['h\n', Buffer.from('i\n')]);

    assert.equal((await file.readAt(100, 0)).toString(), 'abcdefgh\ni\n');
    assert.equal(bytes.toString(), 'xxx');
});

test('content larger than a piece is written and read completely', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const file = await scratch.temporaryFile();
    const data = Buffer.alloc(9 * 1024 * 1024 + 1);
    for (let place = 0; place < data.length; place += 4096) {
        data.writeUInt32LE(place, Math.min(place, data.length - 4));
    }

    await file.write(data);
    await file.seek(0);

    assert.ok(data.equals(await file.read()));
    assert.ok(data.subarray(5).equals(await file.readAt(2 ** 40, 5)));
    await file.seek(1);
    assert.ok(data.subarray(1, 5_000_001).equals(await file.read(5_000_000)));
    await file.writeLines([data, 'x']);
    assert.equal(await file.size(), 5_000_001 + data.length + 1);
    assertEmpty();
});

test('operations that the access does not permit are refused', async (t) => {
    const { scratch } = await openSpace(t);
    const writable = await scratch.temporaryFile({ access: 'write-only' });
    const readable = await scratch.temporaryFile({ access: 'read-only' });
    const growing = await scratch.temporaryFile({ access: 'append' });

    await assert.rejects(writable.read(), { code: 'EPERM', scratchCode: 'not-permitted' });
    await assert.rejects(readable.write('x'), { code: 'EPERM' });
    await growing.write('ab');
    await growing.seek(0);
    await growing.write('c');
    assert.equal((await growing.readAt(10, 0)).toString(), 'abc');
});

test('persist moves a file into place and replaces another only with replace', async (t) => {
    const target = emptyDirectory(t);
    const { scratch, assertEmpty } = await openSpace(t, { directories: [target] });
    const path = join(target, 'report.txt');
    writeFileSync(path, 'old');
    const file = await scratch.namedTemporaryFile();
    await file.write('new');

    await assert.rejects(file.persist(path), { code: 'EEXIST', errno: -17 });
    await file.persist(pathToFileURL(path), { replace: true });

    assert.equal(file.path, path);
    assert.equal(readFileSync(path, 'utf8'), 'new');
    await file.write('er');
    await file.close();
    assert.equal(readFileSync(path, 'utf8'), 'newer');
    assertEmpty();
});

test('persist into a missing directory, or one that was not passed, leaves the file unchanged', async (t) => {
    const { scratch, directory } = await openSpace(t);
    const file = await scratch.namedTemporaryFile();
    await file.write('draft');

    await assert.rejects(file.persist(join(directory, 'missing', 'x')), { code: 'ENOENT', message: /missing/ });
    await assert.rejects(file.persist('/etc/scratch-x'), { code: 'ENOENT', message: /not below a preopened/ });

    assert.equal((await file.readAt(10, 0)).toString(), 'draft');
    assert.ok(existsSync(file.path));
});

test('keep, never and on-drop decide when the name is removed', async (t) => {
    const { scratch } = await openSpace(t);
    const kept = await scratch.namedTemporaryFile();
    const never = await scratch.namedTemporaryFile({ removal: 'never' });
    const onDrop = await scratch.namedTemporaryFile({ removal: 'on-drop' });

    await kept.keep();
    await Promise.all([kept.close(), never.close(), onDrop.close()]);

    assert.ok([kept, never, onDrop].every((file) => existsSync(file.path)));
    await onDrop[Symbol.asyncDispose]();
    assert.equal(existsSync(onDrop.path), false);
    assert.ok(existsSync(kept.path) && existsSync(never.path));
});

test('a file can be created in a further directory', async (t) => {
    const other = emptyDirectory(t);
    const { scratch, assertEmpty } = await openSpace(t, { directories: [other] });

    const file = await scratch.namedTemporaryFile({ directory: other });

    assert.equal(dirname(file.path), other);
    assertEmpty();
});
