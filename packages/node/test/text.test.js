import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openSpace } from './support/space.js';

test('text is encoded with its line endings, and intoFile returns the file', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.namedTemporaryFile();

    const text = await file.text({ encoding: 'latin1', newline: '\r\n' });
    await text.write('Käse\n');
    await text.flush();
    const bytes = readFileSync(text.path);
    const again = await text.intoFile();

    assert.equal(bytes.toString('latin1'), 'Käse\r\n');
    assert.equal(await again.tell(), 6);
    assert.equal(file.closed && text.closed, true);
    await assert.rejects(file.read(), { code: 'ERR_CLOSED' });
    await again.close();
});

test('read counts characters, and seek returns to a position of tell', async (t) => {
    const { scratch } = await openSpace(t);
    const text = await (await scratch.temporaryFile()).text();
    await text.write('a😀b\r\nc');
    await text.seek('start');

    assert.equal(await text.read(2), 'a😀');
    const place = await text.tell();
    assert.equal(await text.readToEnd(), 'b\nc');
    await text.seek(place);
    assert.equal(await text.readLine(), 'b\n');
});

test('a character that cannot be encoded is EILSEQ, and nothing is written', async (t) => {
    const { scratch } = await openSpace(t);
    const text = await (await scratch.temporaryFile()).text({ encoding: 'ascii' });

    await assert.rejects(text.write('Käse'), { code: 'EILSEQ' });
    await assert.rejects(text.write('\ud800'), { code: 'EILSEQ', message: /text: a lone surrogate/ });

    assert.equal(await (await text.intoFile()).size(), 0);
});

test('an unknown encoding is refused, and the file remains usable', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.write('still here');

    await assert.rejects(file.text({ encoding: 'ebcdic' }), { code: 'ENOTSUP', message: /utf-16-le/ });
    await assert.rejects(file.text({ newline: '\t' }), { code: 'ERR_INVALID_ARG_VALUE' });

    assert.equal((await file.readAt(10, 0)).toString(), 'still here');
});

test("Node's names of encodings are accepted", async (t) => {
    const { scratch } = await openSpace(t);
    for (const [encoding, length] of [['utf8', 2], ['utf16le', 2], ['ucs2', 2], ['binary', 1], ['UTF-8', 2]]) {
        const text = await (await scratch.temporaryFile()).text({ encoding });
        await text.write('ä');
        assert.equal(await (await text.intoFile()).size(), length, encoding);
    }
});

test('bytes that cannot be decoded are an error, or replaced with errors: replace', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.write(Buffer.from([0x61, 0xff]));
    await file.seek(0);
    const strict = await file.text();
    await assert.rejects(strict.read(), { code: 'EILSEQ' });

    const lenient = await (await strict.intoFile()).text({ errors: 'replace' });
    await lenient.seek('start');

    assert.equal(await lenient.read(), 'a\ufffd');
    await assert.rejects(lenient.seek({ offset: 0n, state: 0n }), { code: 'ERR_INVALID_ARG_TYPE' });
});
