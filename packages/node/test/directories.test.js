import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyDirectory, openSpace } from './support/space.js';

test('closing a directory removes its content too', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const directory = await scratch.temporaryDirectory({ prefix: 'build-' });

    mkdirSync(join(directory.path, 'a', 'b'), { recursive: true });
    writeFileSync(join(directory.path, 'a', 'b', 'c'), 'x');
    assert.equal(statSync(directory.path).mode & 0o777, 0o700);
    await directory.close();

    assertEmpty();
    assert.equal(directory.closed, true);
    await directory.close();
});

test('open takes the flags of fs.open', async (t) => {
    const { scratch } = await openSpace(t);
    const directory = await scratch.temporaryDirectory();

    const file = await directory.open('a.txt', 'w+');
    await file.write('one');
    await assert.rejects(directory.open('a.txt', 'wx'), { code: 'EEXIST' });
    await assert.rejects(directory.open('b.txt'), { code: 'ENOENT' });
    const more = await directory.open('a.txt', { access: 'append-only' });
    await more.write(' two');
    await file.close();

    assert.equal(readFileSync(join(directory.path, 'a.txt'), 'utf8'), 'one two');
    assert.equal((await (await directory.open('a.txt')).read()).toString(), 'one two');
    await assert.rejects(directory.open('a.txt', 'q'), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('entries of a directory are created, listed and removed', async (t) => {
    const { scratch } = await openSpace(t);
    const directory = await scratch.temporaryDirectory();
    await directory.createDirectory('d');
    await (await directory.open('d/f', 'w')).write('12345');
    symlinkSync('nowhere', join(directory.path, 'l'));

    const kinds = Object.fromEntries((await directory.entries()).map(({ name, kind }) => [name, kind]));

    assert.deepEqual(kinds, { d: 'directory', l: 'symbolic-link' });
    assert.deepEqual(await directory.entries('d'), [{ name: 'f', kind: 'file', size: 5 }]);
    await directory.remove('d');
    await directory.remove('l');
    assert.deepEqual(await directory.entries('.'), []);
    await assert.rejects(directory.entries('d'), { code: 'ENOENT', message: /"d"/ });
});

test('symbolic links in a directory are not followed', async (t) => {
    const outside = emptyDirectory(t);
    writeFileSync(join(outside, 'precious'), 'x');
    const { scratch, assertEmpty } = await openSpace(t);
    const directory = await scratch.temporaryDirectory();
    symlinkSync(outside, join(directory.path, 'link'));
    symlinkSync(join(outside, 'precious'), join(directory.path, 'file'));

    await assert.rejects(directory.open('link/precious'), { code: /ELOOP|ENOTDIR/ });
    await assert.rejects(directory.open('file', 'w'), { code: 'ELOOP' });
    await assert.rejects(directory.open('../x', 'w'), { code: 'EPERM' });
    await assert.rejects(directory.open(join(outside, 'x'), 'w'), { code: 'EPERM' });
    await directory.close();

    assert.equal(readFileSync(join(outside, 'precious'), 'utf8'), 'x');
    assertEmpty();
});

test('a name that is not UTF-8 is EILSEQ, and close fails while the entry exists', async (t) => {
    const { scratch } = await openSpace(t);
    const directory = await scratch.temporaryDirectory();
    const path = Buffer.concat([Buffer.from(`${directory.path}/`), Buffer.from([0xff])]);
    writeFileSync(path, '');

    await assert.rejects(directory.entries(), { code: 'EILSEQ' });
    await assert.rejects(directory.close());

    assert.ok(existsSync(path));
    unlinkSync(path);
    await directory.close();
});

test('a deep tree and a wide one are removed', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const directory = await scratch.temporaryDirectory();
    mkdirSync(join(directory.path, ...Array(150).fill('deep')), { recursive: true });
    for (let index = 0; index < 1000; index += 1) {
        writeFileSync(join(directory.path, `wide${index}`), '');
    }

    await directory.close();

    assertEmpty();
});

test('a kept directory is not removed', async (t) => {
    const { scratch } = await openSpace(t);
    const directory = await scratch.temporaryDirectory();
    await directory.keep();
    await directory.close();
    assert.ok(existsSync(directory.path));
});
