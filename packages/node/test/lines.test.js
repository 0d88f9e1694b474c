import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSpace } from './support/space.js';

const content = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`);

async function collect(lines) {
    const all = [];
    for await (const line of lines) {
        all.push(line.toString());
    }
    return all;
}

test('for await yields every line with its line ending', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.writeLines(content);
    await file.write('without end');
    await file.seek(0);

    assert.deepEqual(await collect(file), [...content, 'without end']);
});

test('the position is after the last line that was yielded, also after break', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.write('one\ntwo\nthree\n');
    await file.seek(0);

    for await (const line of file) {
        if (line.toString() === 'two\n') {
            break;
        }
    }

    assert.equal(await file.tell(), 8);
    assert.equal((await file.readLine()).toString(), 'three\n');
});

test('operations between lines start at the position of the iteration', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.write('one\ntwo\nthree\nfour\n');
    await file.seek(0);

    const seen = [];
    for await (const line of file) {
        seen.push(`${line}@${await file.tell()}`);
        if (line.toString() === 'one\n') {
            await file.writeAt('TWO', 4);
        }
        if (line.toString() === 'TWO\n') {
            await file.readLine();
        }
    }

    assert.deepEqual(seen, ['one\n@4', 'TWO\n@8', 'four\n@19']);
});

test('a call made while a line is being fetched runs after it', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.write('one\ntwo\nthree\n');
    await file.seek(0);
    const lines = file[Symbol.asyncIterator]();

    const [first, position, second] = await Promise.all([lines.next(), file.tell(), lines.next()]);

    assert.equal(first.value.toString(), 'one\n');
    assert.equal(position, 4);
    assert.equal(second.value.toString(), 'two\n');
    assert.equal(await file.tell(), 8);
});

test('a text yields lines, and tell returns the position after the last one', async (t) => {
    const { scratch } = await openSpace(t);
    const text = await (await scratch.temporaryFile()).text({ newline: '\r\n' });
    await text.writeLines(content);
    await text.seek('start');

    let place;
    for await (const line of text) {
        if (line === 'line 4999\r\n') {
            place = await text.tell();
            break;
        }
    }

    assert.equal(await text.readLine(), 'line 5000\r\n');
    await text.seek(place);
    assert.equal((await collect(text)).length, 15_000);
});

test('reading lines observes limit, hint and the end', async (t) => {
    const { scratch } = await openSpace(t);
    const file = await scratch.temporaryFile();
    await file.write('one\ntwo\nthree');
    await file.seek(0);

    assert.equal((await file.readLine(2)).toString(), 'on');
    assert.deepEqual((await file.readLines(3)).map(String), ['e\n', 'two\n']);
    assert.deepEqual((await file.readLines()).map(String), ['three']);
    assert.equal((await file.readLine()).length, 0);
    assert.deepEqual(await collect(file), []);
});
