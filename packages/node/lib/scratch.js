// Scratch space: one instance of the component and the directories that it may use.

import { access, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as check from './arguments.js';
import { TemporaryDirectory } from './directory.js';
import { ScratchError, wrongType } from './errors.js';
import { TemporaryFile } from './file.js';
import { DIRECTORY_ACCESS } from './filesystem.js';
import { Thread } from './thread.js';

// Closes the thread of a scratch space that is collected as garbage.
const abandoned = new FinalizationRegistry((thread) => thread.close().catch(() => {}));

/** Scratch space; index.d.ts documents its methods. */
export class Scratch {
    #thread;
    #directory;

    /** Called by `openScratch` only. */
    constructor(thread, directory) {
        this.#thread = thread;
        this.#directory = directory;
    }

    get directory() {
        return this.#directory;
    }

    async temporaryFile(options) {
        const checked = check.fileOptions(options);
        return this.#file(await this.#thread.call(0, 'create', [checked]), checked);
    }

    async namedTemporaryFile(options) {
        const checked = check.fileOptions(options);
        return this.#file(await this.#thread.call(0, 'createNamed', [checked]), checked);
    }

    async spooledTemporaryFile(options) {
        const checked = check.fileOptions(options);
        const maxSize = check.optionalFilesize(options?.maxSize, 'maxSize');
        return this.#file(await this.#thread.call(0, 'createSpooled', [maxSize, checked]), checked);
    }

    async temporaryDirectory(options) {
        const checked = check.directoryOptions(options);
        const created = await this.#thread.call(0, 'createDirectory', [checked]);
        // A closed directory has no use, so `on-drop` need not delay its removal.
        const removal = checked.removal === 'never' ? 'never' : 'on-close';
        return new TemporaryDirectory(this.#thread, created, { removal, isDirectory: true, owner: this });
    }

    async close() {
        abandoned.unregister(this);
        await this.#thread.close();
    }

    [Symbol.asyncDispose]() {
        return this.close();
    }

    #file(created, { removal }) {
        // A reachable file keeps its scratch space from being collected.
        return new TemporaryFile(this.#thread, created, { removal, owner: this });
    }
}

/** Opens scratch space in `directory`, by default the system's; documented in index.d.ts. */
export async function openScratch(options) {
    const { directory = tmpdir(), directories = [], environment = {} } = check.object(options, 'options');
    const first = check.path(directory, 'directory');
    const all = [first, ...check.list(directories, 'directories', check.path)];
    for (const [index, path] of all.entries()) {
        await checkDirectory(path, index === 0 ? 'directory' : `directories[${index - 1}]`);
    }
    for (const [name, value] of Object.entries(check.object(environment, 'environment'))) {
        if (typeof value !== 'string') {
            throw wrongType(`environment.${name}`, 'a string', value);
        }
    }
    // The component prefers TMPDIR to every other directory that it could create files in.
    const visible = { ...environment, TMPDIR: first };
    const thread = new Thread(new Map(all.map((path) => [path, path])), visible);
    // When this call returns, the directories are open: later changes of their paths don't matter.
    await thread.call(0, 'ready', []);
    const scratch = new Scratch(thread, first);
    abandoned.register(scratch, thread, scratch);
    return scratch;
}

const REFUSALS = { ENOENT: 'no-entry', ENOTDIR: 'not-directory', EACCES: 'access' };

async function checkDirectory(path, argument) {
    const refusal = (code) =>
        new ScratchError({
            code: REFUSALS[code] ?? 'other',
            message: `${argument} ${JSON.stringify(path)}: ${code}`,
            host: code,
        });
    try {
        if ((await stat(path)).isDirectory()) {
            await access(path, DIRECTORY_ACCESS);
            return;
        }
    } catch (error) {
        throw refusal(error.code);
    }
    throw refusal('ENOTDIR');
}
