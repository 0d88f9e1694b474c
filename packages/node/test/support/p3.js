// Runs a program with the component for WASI 0.3 and preview3-shim, under Node 24. The arguments are
// the name of the program and an empty directory.

import { readFileSync, readdirSync } from 'node:fs';
import * as cli from '@bytecodealliance/preview3-shim/cli';
import * as clocks from '@bytecodealliance/preview3-shim/clocks';
import * as filesystem from '@bytecodealliance/preview3-shim/filesystem';
import * as random from '@bytecodealliance/preview3-shim/random';
import { instantiate } from '../component-p3/scratch_tempfile.js';

const [name, directory] = process.argv.slice(2);
filesystem._setPreopens({ [directory]: directory });
cli._setEnv({ TMPDIR: directory });
const component = await instantiate(
    (file) => new WebAssembly.Module(readFileSync(new URL(`../component-p3/${file}`, import.meta.url))),
    {
        'wasi:cli/environment': cli.environment,
        'wasi:clocks/system-clock': clocks.systemClock,
        'wasi:filesystem/preopens': filesystem.preopens,
        'wasi:filesystem/types': filesystem.types,
        'wasi:random/random': random.random,
    },
);
const { TemporaryFile, TemporaryDirectory } = component.tempfile;

const programs = {
    async file() {
        const file = await TemporaryFile.createNamed({ suffix: '.txt' });
        await file.write(Buffer.from('one\ntwo\n'));
        await file.flush();
        const content = readFileSync(file.path(), 'utf8');
        await file.seek(0n, 'start');
        const line = Buffer.from(await file.readLine()).toString();
        await file.close();
        return [content, line];
    },
    async streams() {
        const file = await TemporaryFile.create({});
        async function* source() {
            yield Buffer.alloc(100_000, 'x');
            yield Buffer.from('end');
        }
        const written = await file.writeViaStream(source());
        await file.seek(0n, 'start');
        const [stream, done] = await file.readViaStream();
        let read = 0;
        for await (const bytes of stream) {
            read += bytes.length ?? 1;
        }
        const { tag } = await done;
        await file.close();
        return [Number(written), read, tag];
    },
    async directory() {
        const tree = await TemporaryDirectory.create({});
        const file = await tree.open('a', { create: true });
        await file.write(Buffer.from('x'));
        const names = (await tree.entries('.')).map(({ name }) => name);
        await tree.close();
        return names;
    },
    async 'concurrent reads'() {
        const files = await Promise.all(
            [1, 2, 3, 4].map(async (value) => {
                const file = await TemporaryFile.create({});
                await file.write(Buffer.alloc(4 << 20, value));
                await file.seek(0n, 'start');
                return file;
            }),
        );
        const contents = await Promise.all(files.map((file) => file.readToEnd()));
        await Promise.all(files.map((file) => file.close()));
        return contents.map((content, index) => content.reduce((sum, byte) => sum + (byte !== index + 1), 0));
    },
};

console.log(JSON.stringify({ result: await programs[name](), leftovers: readdirSync(directory) }));
// The shim's threads would keep the process alive.
process.exit();
