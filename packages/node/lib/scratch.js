// Scratch space: one instance of the component and the directories that it may use.

import { access, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as check from './arguments.js';
import { TemporaryDirectory } from './directory.js';
import { ScratchError, wrongType } from './errors.js';
import { TemporaryFile } from './file.js';
import { DIRECTORY_ACCESS } from './open.js';
import { Thread } from './thread.js';

/**
 * Closes the thread of a scratch space that is collected as garbage.
 *
 * @type {FinalizationRegistry<Thread>}
 */
const abandoned = new FinalizationRegistry((thread) => thread.close().catch(() => {}));

/** @typedef {import('./index.js').Scratch} Api */
/** @typedef {import('./calls.js').Created} Created */

/**
 * Scratch space; index.d.ts documents its methods.
 *
 * @implements {Api}
 */
export class Scratch {
    #thread;
    #directory;

    /**
     * Called by `openScratch` only.
     *
     * @param {Thread} thread
     * @param {string} directory
     */
    constructor(thread, directory) {
        this.#thread = thread;
        this.#directory = directory;
    }

    get directory() {
        return this.#directory;
    }

    /** @type {Api['temporaryFile']} */
    async temporaryFile(options) {
        const checked = check.fileOptions(options);
        return this.#file(await this.#thread.callComponent('create', [checked]), checked);
    }

    /** @type {Api['namedTemporaryFile']} */
    async namedTemporaryFile(options) {
        const checked = check.fileOptions(options);
        const file = this.#file(await this.#thread.callComponent('createNamed', [checked]), checked);
        return /** @type {TemporaryFile & { readonly path: string }} */ (file);
    }

    /** @type {Api['spooledTemporaryFile']} */
    async spooledTemporaryFile(options) {
        const checked = check.fileOptions(options);
        const maxSize = check.optionalFilesize(options?.maxSize, 'maxSize');
        return this.#file(await this.#thread.callComponent('createSpooled', [maxSize, checked]), checked);
    }

    /** @type {Api['temporaryDirectory']} */
    async temporaryDirectory(options) {
        const checked = check.directoryOptions(options);
        const created = await this.#thread.callComponent('createDirectory', [checked]);
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

    /**
     * @param {Created} created
     * @param {{ removal?: import('./index.js').Removal }} options
     */
    #file(created, { removal }) {
        // A reachable file keeps its scratch space from being collected.
        return new TemporaryFile(this.#thread, created, { removal, owner: this });
    }
}

/**
 * Opens scratch space in `directory`, by default the system's; documented in index.d.ts.
 *
 * @type {typeof import('./index.js').openScratch}
 */
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
    // With this variable, the component uses no other directory by default.
    const visible = { ...environment, SCRATCH_DIRECTORY: first };
    const thread = new Thread(new Map(all.map((path) => [path, path])), visible);
    // When this call returns, the directories are open: later changes of their paths don't matter.
    await thread.callComponent('ready', []);
    const scratch = new Scratch(thread, first);
    abandoned.register(scratch, thread, scratch);
    return scratch;
}

/** @type {Record<string, string>} */
const REFUSALS = { ENOENT: 'no-entry', ENOTDIR: 'not-directory', EACCES: 'access' };

/**
 * @param {string} path
 * @param {string} argument
 */
async function checkDirectory(path, argument) {
    const refusal = (/** @type {string} */ code) =>
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
