// A caller in TypeScript, which a test compiles and runs.

import { existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import {
    ScratchError,
    namedTemporaryFile,
    openScratch,
    spooledTemporaryFile,
    temporaryDirectory,
    temporaryFile,
    type Filesize,
    type TextFile,
    type TextPosition,
} from 'scratch-tempfile';

let path: string;
{
    await using file = await namedTemporaryFile({ prefix: 'typed-', removal: 'on-drop', bufferSize: 0n });
    path = file.path;
    console.log('open', existsSync(path));
    const size: Filesize = await file.size();
    const line: Buffer = await file.readLine(size);
    await file.write(line);
    for await (const each of file) {
        each.toString('utf8');
    }
    const other = await temporaryFile();
    await pipeline(file.createReadStream({ start: 0 }), other.createWriteStream());
    const text: TextFile = await other.text({ encoding: 'latin1', newline: null, errors: 'replace' });
    await text.seek(await text.tell());
    for await (const each of text) {
        each.trim();
    }
    await (await text.intoFile()).close();

    await using spool = await spooledTemporaryFile({ maxSize: 10, access: 'append' });
    const unnamed: string | undefined = spool.path;
    if (unnamed !== undefined) throw new Error(unnamed);

    await using directory = await temporaryDirectory({ ignoreErrors: true });
    await using inner = await directory.open('a', { create: true, access: 'read-write' });
    await inner.seek(-0n, 'end');
    const entries = await directory.entries();
    entries.map(({ name, kind }) => kind === 'file' && name);

    await using scratch = await openScratch({ directory: directory.path, environment: { SCRATCH_CONFINED: '0' } });
    try {
        await (await scratch.namedTemporaryFile()).persist('/nowhere/x', { replace: true });
    } catch (error) {
        if (!(error instanceof ScratchError) || error.code !== 'ENOENT') throw error;
    }
    // @ts-expect-error: no such access
    await temporaryFile({ access: 'all' }).catch(() => {});
    // @ts-expect-error: the constructor is private
    void (() => new ScratchError());
    const position: TextPosition = await text.tell().catch(() => undefined!);
    void ((): Promise<void> => text.seek(position));
    // @ts-expect-error: an object is not a position
    void (() => text.seek({}));
    // @ts-expect-error: a number is not a position, unlike in a file
    void (() => text.seek(0));
    // @ts-expect-error: the component's position is not that of this package
    void (() => text.seek({ offset: 0n, state: 0n }));
    // @ts-expect-error: a position has no value for callers
    void (() => Number(position) + position);
}
console.log('closed', existsSync(path));
