// Scratch space: one instance of the component, and the directories it may see.

import { access, constants, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as check from './arguments.js';
import { TemporaryDirectory } from './directory.js';
import { ScratchError, wrongType } from './errors.js';
import { TemporaryFile } from './file.js';
import { Thread } from './thread.js';

const abandoned = new FinalizationRegistry((thread) => thread.close().catch(() => {}));

/** Scratch space; index.d.ts says what its methods do. */
export class Scratch {
    #thread;
    #directory;

    /** For `openScratch` alone. */
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
        const answer = await this.#thread.call(0, 'createDirectory', [checked]);
        // A directory has nothing to wait for between its close and its drop.
        const removal = checked.removal === 'never' ? 'never' : 'on-close';
        return new TemporaryDirectory(this.#thread, answer, { removal, isDirectory: true, owner: this });
    }

    async close() {
        abandoned.unregister(this);
        await this.#thread.close();
    }

    [Symbol.asyncDispose]() {
        return this.close();
    }

    #file(answer, { removal }) {
        // Whoever holds something of this space holds the space.
        return new TemporaryFile(this.#thread, answer, { removal, owner: this });
    }
}

/** Opens scratch space in `directory`, by default the system's; index.d.ts says more. */
export async function openScratch(options) {
    const { directory = tmpdir(), directories = [], environment = {} } = check.object(options, 'options');
    const first = check.path(directory, 'directory');
    const all = [first, ...check.several(directories, 'directories', check.path)];
    for (const [index, path] of all.entries()) {
        await checkDirectory(path, index === 0 ? 'directory' : `directories[${index - 1}]`);
    }
    for (const [name, value] of Object.entries(check.object(environment, 'environment'))) {
        if (typeof value !== 'string') {
            throw wrongType(`environment.${name}`, 'a string', value);
        }
    }
    // The component takes the first of these that it can create files in.
    const seen = { ...environment, TMPDIR: first };
    const thread = new Thread(new Map(all.map((path) => [path, path])), seen);
    // From here on the directories are open, whatever becomes of their paths.
    await thread.call(0, 'ready', []);
    const scratch = new Scratch(thread, first);
    abandoned.register(scratch, thread, scratch);
    return scratch;
}

const REFUSED = { ENOENT: 'no-entry', ENOTDIR: 'not-directory', EACCES: 'access' };

async function checkDirectory(path, argument) {
    const refused = (code) =>
        new ScratchError({
            code: REFUSED[code] ?? 'other',
            message: `${argument} ${JSON.stringify(path)}: ${code}`,
            host: code,
        });
    let found;
    try {
        found = await stat(path);
        await access(path, constants.R_OK);
    } catch (error) {
        throw refused(error.code);
    }
    if (!found.isDirectory()) {
        throw refused('ENOTDIR');
    }
}
