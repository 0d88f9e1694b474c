import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { createGunzip, createGzip } from 'node:zlib';
import { openSpace } from './support/space.js';

const data = Buffer.from(Array.from({ length: 500_000 }, (_, index) => index & 0xff));

test("content passes unchanged through Node's streams", async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const packed = await scratch.temporaryFile();
    const file = await scratch.temporaryFile();

    await pipeline(Readable.from([data]), createGzip(), packed.createWriteStream());
    await packed.seek(0);
    await pipeline(packed.createReadStream(), createGunzip(), file.createWriteStream());

    assert.ok((await packed.size()) < data.length);
    assert.ok(data.equals(await file.readAt(data.length + 1, 0)));
    await packed.close();
    await file.close();
    assertEmpty();
});

test('a stream without a reader does not read ahead of its highWaterMark', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.write(data);
    await file.seek(0);

    const stream = file.createReadStream({ highWaterMark: 1000 });
    stream.once('readable', () => {});
    await new Promise((resolve) => setTimeout(resolve, 100));

    assert.ok((await file.tell()) <= 2000);
    stream.destroy();
    assert.equal(file.closed, false);
});

test('a full write stream reports back-pressure', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    const stream = file.createWriteStream({ highWaterMark: 10 });

    assert.equal(stream.write('0123456789'), false);
    await new Promise((resolve) => stream.once('drain', resolve));
    await new Promise((resolve) => stream.end('x', resolve));

    assert.equal(await file.size(), 11);
});

test('a stream with start does not move the position', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.write('0123456789');

    await pipeline(Readable.from(['AB', 'CD']), file.createWriteStream({ start: 3 }));
    const part = await file.createReadStream({ start: 2n, end: 7, encoding: 'utf8' }).toArray();

    assert.equal(part.join(''), '2ABCD7');
    assert.equal(await file.tell(), 10);
    await file.seek(1);
    assert.equal(String(await file.createReadStream({ end: 4 }).toArray()), '12AB');
    assert.equal(await file.tell(), 5);
});

test('a stream fails with the error of its file', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile({ access: 'read-only' });

    await assert.rejects(pipeline(Readable.from(['x']), file.createWriteStream()), { code: 'EPERM' });
    await file.close();
    await assert.rejects(file.createReadStream().toArray(), { code: 'ERR_CLOSED' });
});

test('autoClose removes the file at the end of the stream', async (t) => {
    const { scratch, assertEmpty } = await openSpace(t);
    const file = await scratch.namedTemporaryFile();
    await file.write('x');
    await file.seek(0);

    const stream = file.createReadStream({ autoClose: true });
    const closed = new Promise((resolve) => stream.once('close', resolve));
    assert.equal(String(await stream.toArray()), 'x');
    await closed;

    assert.equal(file.closed, true);
    assertEmpty();
});

test('a stream is aborted by a signal', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    const abort = new AbortController();
    const stream = file.createReadStream({ signal: abort.signal });
    const reading = stream.toArray();
    abort.abort();
    await assert.rejects(reading, { name: 'AbortError' });
    assert.equal(await file.size(), 0);
});
