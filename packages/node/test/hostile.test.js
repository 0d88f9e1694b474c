import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openScratch } from '../lib/index.js';
import { linuxOnly } from './support/requirements.js';
import { emptyDirectory, openSpace } from './support/space.js';

test('names that are invalid on some platform are EINVAL, with the argument in the message', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    for (const bad of ['../x', 'a/b', 'a\\b', 'a\0b', 'a\nb', 'a:b', 'x'.repeat(256), '/etc/x']) {
        for (const argument of ['prefix', 'suffix']) {
            const options = { [argument]: bad };
            const refused = { code: 'EINVAL', scratchCode: 'invalid', message: new RegExp(`^${argument} `) };
            await assert.rejects(scratch.temporaryFile(options), refused);
            await assert.rejects(scratch.namedTemporaryFile(options), refused);
            await assert.rejects(scratch.spooledTemporaryFile(options), refused);
            await assert.rejects(scratch.temporaryDirectory(options), refused);
        }
    }
    assertEmpty();
});

test('a name may have 255 bytes and no more', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.namedTemporaryFile({ prefix: 'p'.repeat(219) });
    assert.equal(Buffer.byteLength(file.path.split('/').at(-1)), 255);
    await assert.rejects(scratch.namedTemporaryFile({ prefix: 'ä'.repeat(110) }), { code: 'EINVAL' });
});

test('paths with NUL or .., absolute paths and overlong ones are refused', async (t) => {
    const { scratch } = await openSpace(t);
    const directory = await scratch.temporaryDirectory();
    const tries = [
        ['a\0b', 'EINVAL'],
        ['a\\b', 'EINVAL'],
        ['../x', 'EPERM'],
        ['a/../../x', 'EPERM'],
        ['/etc/passwd', 'EPERM'],
        ['x'.repeat(256), 'EINVAL'],
        ['', /EINVAL|EISDIR/],
        ['\ud800', 'EILSEQ'],
    ];
    for (const [path, code] of tries) {
        await assert.rejects(directory.open(path, 'w'), { code }, JSON.stringify(path.slice(0, 20)));
    }
    assert.deepEqual(await directory.entries(), []);
});

test('arguments of a wrong type or size are refused without effect', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    const type = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' };
    const value = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' };
    const range = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' };

    await assert.rejects(scratch.temporaryFile('x'), type);
    await assert.rejects(scratch.temporaryFile({ prefix: 1 }), type);
    await assert.rejects(scratch.temporaryFile({ access: 'none' }), value);
    await assert.rejects(scratch.temporaryFile({ directory: '' }), value);
    await assert.rejects(scratch.spooledTemporaryFile({ maxSize: -1 }), range);
    for (const max of [-1, 1.5, NaN, Infinity, 2 ** 53, -1n, 2n ** 64n]) {
        await assert.rejects(file.read(max), range, String(max));
    }
    await assert.rejects(file.read('1'), type);
    await assert.rejects(file.read(null), type);
    await assert.rejects(file.write(7), type);
    await assert.rejects(file.write(), type);
    await assert.rejects(file.writeLines('abc'), type);
    await assert.rejects(file.writeLines(['a', 7]), { ...type, message: /lines\[1\]/ });
    await assert.rejects(file.seek(0, 'middle'), value);
    await assert.rejects(file.persist('x', { replace: 1 }), type);
    assert.equal(await file.size(), 0);
});

test('writing above 2^53 - 1 is refused', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.write('safe');

    for (const offset of [2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
        await assert.rejects(file.writeAt('lost', offset), { code: 'EFBIG' }, String(offset));
        await file.seek(offset);
        await assert.rejects(file.write('lost'), { code: 'EFBIG' }, String(offset));
        await assert.rejects(file.writeLines(['lost']), { code: 'EFBIG' }, String(offset));
        assert.equal((await file.read(4)).length, 0);
        assert.equal((await file.readAt(4, offset)).length, 0);
    }
    for (const offset of [2n ** 63n, 2n ** 64n - 1n]) {
        await assert.rejects(file.writeAt('lost', offset), { code: /EFBIG|EINVAL/ });
        await assert.rejects(file.truncate(offset), { code: /EFBIG|EINVAL/ });
        await assert.rejects(file.readAt(4, offset), { code: 'EINVAL' });
    }
    await assert.rejects(file.truncate(2n ** 53n), { code: 'EFBIG' });
    await assert.rejects(file.seek(-1), { code: 'EINVAL' });

    assert.equal(await file.size(), 4);
    assert.equal((await file.readAt(10, 0)).toString(), 'safe');
    await file.flush();
});

test('reading with an enormous length returns the content', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.spooledTemporaryFile();
    await file.write('small');
    await file.seek(0);
    assert.equal((await file.read(2n ** 64n - 1n)).toString(), 'small');
    assert.equal((await file.readAt(2n ** 62n, 1)).toString(), 'mall');
});

test('a directory that is missing or a file is refused, with its path in the message', async (t) => {
    const path = emptyDirectory(t);
    writeFileSync(join(path, 'file'), '');

    await assert.rejects(openScratch({ directory: join(path, 'none') }), { code: 'ENOENT', message: /^directory ".*none"/ });
    await assert.rejects(openScratch({ directory: join(path, 'file') }), { code: 'ENOTDIR' });
    await assert.rejects(openScratch({ directory: path, directories: ['/none'] }), { code: 'ENOENT', message: /^directories\[0\]/ });
    await assert.rejects(openScratch({ directory: 7 }), { code: 'ERR_INVALID_ARG_TYPE' });
    await assert.rejects(openScratch({ directory: 'a\0b' }), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('a directory that was removed, or not passed, is ENOENT', async (t) => {
    const { scratch, directory } = await openSpace(t);
    rmdirSync(directory);
    await assert.rejects(scratch.temporaryFile(), { code: 'ENOENT', message: /^directory ".*scratch-test-/ });
    mkdirSync(directory);
    await assert.rejects(scratch.temporaryFile({ directory: '/usr' }), { code: 'ENOENT', message: /not below/ });
    await assert.rejects(scratch.temporaryFile({ directory: join(directory, 'none') }), { code: 'ENOENT' });
});

test('neither links nor .. lead out of the directories', async (t) => {
    const { scratch, directory } = await openSpace(t);
    symlinkSync('/usr', join(directory, 'out'));
    mkdirSync(join(directory, 'inner'));
    symlinkSync('inner', join(directory, 'in'));

    await assert.rejects(scratch.temporaryFile({ directory: join(directory, 'out') }), { code: 'EPERM' });
    await assert.rejects(scratch.temporaryFile({ directory: `${directory}/inner/../..` }), { code: 'EPERM' });
    const file = await scratch.namedTemporaryFile({ directory: join(directory, 'in') });
    assert.ok(file.path.startsWith(join(directory, 'in')));
});

test('a read-only filesystem is reported', { skip: linuxOnly }, async (t) => {
    const scratch = await openScratch({ directory: '/proc' });
    t.after(() => scratch.close());
    await assert.rejects(scratch.temporaryFile({ directory: '/proc' }), (error) => {
        assert.match(error.code, /^(EROFS|EACCES|EPERM|ENOENT)$/);
        assert.match(error.message, /\/proc/);
        return true;
    });
});

test('files are created in the open directory after its path became a link', { skip: linuxOnly }, async (t) => {
    const outside = emptyDirectory(t);
    const { scratch, directory } = await openSpace(t);
    const tree = await scratch.temporaryDirectory();
    renameSync(tree.path, join(directory, 'moved'));
    symlinkSync(outside, tree.path);

    await (await tree.open('a', 'w')).write('x');

    assert.deepEqual(readdirSync(outside), []);
    assert.deepEqual(readdirSync(join(directory, 'moved')), ['a']);
});
