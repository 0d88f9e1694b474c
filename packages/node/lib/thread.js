// The caller's side of the worker thread that runs the component.

import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { ScratchError } from './errors.js';
import { Exit } from './exit.js';

const CLOSED = { code: 'closed', message: 'the scratch space was closed' };

/**
 * The running threads of this process.
 *
 * @type {Set<Thread>}
 */
const threads = new Set();

/**
 * Releases the component's resource of a collected object, to which the record must not refer.
 *
 * @type {FinalizationRegistry<{ thread: Thread, handle: number }>}
 */
const dropped = new FinalizationRegistry(({ thread, handle }) => thread.drop(handle));

process.on('exit', () => {
    // They close their files and directories at the same time.
    for (const thread of threads) {
        thread.beginExit();
    }
    for (const thread of threads) {
        thread.finishExit();
    }
});

/** Runs one instance of the component: one call at a time, in the order of the calls. */
export class Thread {
    #worker;
    #exit = new Exit();
    /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
    #pending = new Map();
    #lastId = 0;
    /**
     * The error of every call after the end of the thread.
     *
     * @type {import('./calls.js').ErrorMessage | undefined}
     */
    #failure;
    /**
     * The end of `close`, which calls made meanwhile wait for.
     *
     * @type {Promise<void> | undefined}
     */
    #closing;
    /**
     * Named entries that would outlive a failed thread, by handle.
     *
     * @type {Map<number, { path: string, isDirectory: boolean }>}
     */
    #named = new Map();

    /**
     * @param {Map<string, string>} directories host paths of the preopened directories, by guest path
     * @param {Record<string, string>} environment the component's environment variables
     */
    constructor(directories, environment) {
        this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
            workerData: { directories, environment, exit: this.#exit.buffer },
            // The worker inherits none of the caller's arguments, variables and flags.
            argv: [],
            env: {},
            execArgv: [],
        });
        this.#worker.on('message', (message) => this.#settle(message));
        this.#worker.on('error', (error) => this.#fail(`the component's thread failed: ${error.message}`));
        this.#worker.on('exit', () => this.#fail("the component's thread has ended"));
        // Only pending calls keep the process alive.
        this.#worker.unref();
        threads.add(this);
    }

    /**
     * Calls a method of the resource `handle`, or of the component if `handle` is 0. calls.d.ts has the
     * methods.
     *
     * @param {number} handle
     * @param {string} method
     * @param {unknown[]} args
     * @param {ArrayBuffer[]} [transferred] buffers of `args` to move instead of copying
     * @returns {Promise<any>} rejects with a ScratchError
     */
    call(handle, method, args, transferred) {
        if (this.#closing !== undefined) {
            return this.#closing.then(() => Promise.reject(new ScratchError(CLOSED)));
        }
        return this.#send(handle, method, args, transferred);
    }

    /**
     * @param {number} handle
     * @param {string} method
     * @param {unknown[]} args
     * @param {ArrayBuffer[]} [transferred]
     * @returns {Promise<any>}
     */
    #send(handle, method, args, transferred = []) {
        if (this.#failure !== undefined) {
            return Promise.reject(new ScratchError(this.#failure));
        }
        this.#lastId += 1;
        const id = this.#lastId;
        return new Promise((resolve, reject) => {
            this.#pending.set(id, { resolve, reject });
            this.#worker.ref();
            this.#worker.postMessage({ id, handle, method, args }, transferred);
        });
    }

    /**
     * Calls a method of the component itself.
     *
     * @template {keyof import('./calls.js').ComponentCalls} Name
     * @param {Name} method
     * @param {import('./calls.js').Args<import('./calls.js').ComponentCalls, Name>} args
     * @returns {Promise<import('./calls.js').Result<import('./calls.js').ComponentCalls, Name>>}
     */
    callComponent(method, args) {
        return this.call(0, method, args);
    }

    /**
     * Releases `handle` when `object` is collected as garbage.
     *
     * @param {object} object
     * @param {number} handle
     */
    watch(object, handle) {
        dropped.register(object, { thread: this, handle }, object);
    }

    /** @param {object} object */
    unwatch(object) {
        dropped.unregister(object);
    }

    /**
     * Records an entry to remove if the component fails.
     *
     * @param {number} handle
     * @param {string} path
     * @param {boolean} isDirectory
     */
    noteName(handle, path, isDirectory) {
        this.#named.set(handle, { path, isDirectory });
    }

    /** @param {number} handle */
    forgetName(handle) {
        this.#named.delete(handle);
    }

    /** @param {number} handle */
    drop(handle) {
        // Without a pending call, the release neither keeps the process alive nor reports an error.
        if (this.#failure === undefined) {
            this.#worker.postMessage({ id: 0, handle, method: 'drop', args: [] });
        }
        this.#named.delete(handle);
    }

    /** Closes all open files and directories, and ends the thread. */
    close() {
        this.#closing ??= this.#close();
        return this.#closing;
    }

    async #close() {
        if (this.#failure === undefined) {
            await this.#send(0, 'closeAll', []);
            this.#end(CLOSED);
            await this.#worker.terminate();
        }
    }

    /** Has the component's thread close everything instead of running further calls. */
    beginExit() {
        this.#exit.begin();
        // An idle thread waits for a message.
        this.#worker.postMessage({ id: 0, handle: 0, method: 'closeAll', args: [] });
    }

    /** Blocks until everything is closed: no code of this process runs after its `exit` handlers. */
    finishExit() {
        if (!this.#exit.wait()) {
            this.#removeNamed();
        }
    }

    /** @param {import('./calls.js').Response} response */
    #settle({ id, value, error }) {
        const call = this.#pending.get(id);
        this.#pending.delete(id);
        if (this.#pending.size === 0) {
            this.#worker.unref();
        }
        if (error === undefined) {
            call?.resolve(value);
            return;
        }
        call?.reject(new ScratchError(error));
        if (error.code === 'failed') {
            // A call that trapped has left the instance in an unknown state.
            this.#fail(error.message);
        }
    }

    /** @param {string} message */
    #fail(message) {
        if (this.#failure === undefined) {
            this.#end({ code: 'failed', message });
            this.#removeNamed();
            void this.#worker.terminate();
        }
    }

    /** @param {import('./calls.js').ErrorMessage} failure */
    #end(failure) {
        this.#failure = failure;
        threads.delete(this);
        for (const { reject } of this.#pending.values()) {
            reject(new ScratchError(failure));
        }
        this.#pending.clear();
    }

    #removeNamed() {
        for (const { path, isDirectory } of this.#named.values()) {
            try {
                rmSync(path, { force: true, recursive: isDirectory, maxRetries: 3 });
            } catch {
                // The entry is left over; its name shows its origin.
            }
        }
        this.#named.clear();
    }
}
