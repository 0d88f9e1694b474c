// The caller's end of the thread in which the component runs.

import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { ScratchError } from './errors.js';

/** How long a process that exits waits for the removal of what it left open, in milliseconds. */
const PATIENCE = 2000;

/** The threads of this process that are still there. */
const threads = new Set();

// Dropped objects are noticed here; nothing in a record keeps its object alive.
const dropped = new FinalizationRegistry(({ thread, handle }) => thread.drop(handle));

process.on('exit', () => {
    for (const thread of threads) {
        thread.exit();
    }
});

/** Runs one instance of the component, one call at a time in the order of the calls. */
export class Thread {
    #worker;
    #waiting = new Map();
    #calls = 0;
    #failure;
    /** What would outlive a thread that fails: handles and the names to remove. */
    #named = new Map();

    /**
     * @param {Map<string, string>} directories what the component may see, by its paths
     * @param {Record<string, string>} environment what it may read
     */
    constructor(directories, environment) {
        this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
            workerData: { directories, environment },
            // What the caller's program was started with is no concern of the component's.
            argv: [],
            env: {},
            execArgv: [],
        });
        this.#worker.on('message', (message) => this.#answered(message));
        this.#worker.on('error', (error) => this.#fail(`the component's thread failed: ${error.message}`));
        this.#worker.on('exit', () => this.#fail("the component's thread has ended"));
        // Only calls that are under way keep a process alive.
        this.#worker.unref();
        threads.add(this);
    }

    /**
     * Calls a method of what `handle` stands for; 0 stands for the component.
     *
     * @param {number} handle
     * @param {string} method
     * @param {unknown[]} args
     * @param {ArrayBuffer[]} moved buffers among them that nobody else uses
     * @returns {Promise<unknown>} fails with a ScratchError
     */
    call(handle, method, args, moved = []) {
        if (this.#failure !== undefined) {
            return Promise.reject(new ScratchError(this.#failure));
        }
        this.#calls += 1;
        const id = this.#calls;
        return new Promise((resolve, reject) => {
            this.#waiting.set(id, { resolve, reject });
            this.#worker.ref();
            this.#worker.postMessage({ id, handle, method, args }, moved);
        });
    }

    /** Has an object dropped in the component once nobody can reach it here. */
    watch(object, handle) {
        dropped.register(object, { thread: this, handle }, object);
    }

    unwatch(object) {
        dropped.unregister(object);
    }

    /** Notes a name that has to go even if the component can't remove it any more. */
    noteName(handle, path, isDirectory) {
        this.#named.set(handle, { path, isDirectory });
    }

    forgetName(handle) {
        this.#named.delete(handle);
    }

    drop(handle) {
        // Nobody waits for it: it must not keep the process alive, nor fail.
        if (this.#failure === undefined) {
            this.#worker.postMessage({ id: 0, handle, method: 'drop', args: [] });
        }
        this.#named.delete(handle);
    }

    /** Closes whatever is open, and ends the thread. */
    async close() {
        if (this.#failure !== undefined) {
            return;
        }
        await this.call(0, 'closeAll', []);
        this.#end({ code: 'closed', message: 'the scratch space was closed' });
        await this.#worker.terminate();
    }

    /** The last moment of the process: nothing that is promised can be kept later. */
    exit() {
        const done = new Int32Array(new SharedArrayBuffer(4));
        this.#worker.postMessage({ exiting: done });
        if (Atomics.wait(done, 0, 0, PATIENCE) === 'timed-out') {
            this.#removeNamed();
        }
    }

    #answered({ id, value, fault }) {
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        if (this.#waiting.size === 0) {
            this.#worker.unref();
        }
        if (fault === undefined) {
            waiting?.resolve(value);
            return;
        }
        waiting?.reject(new ScratchError(fault));
        if (fault.code === 'failed') {
            // An instance that was left in the middle of a call can't be trusted with another.
            this.#fail(fault.message);
        }
    }

    #fail(message) {
        if (this.#failure === undefined) {
            this.#end({ code: 'failed', message });
            this.#removeNamed();
            void this.#worker.terminate();
        }
    }

    #end(failure) {
        this.#failure = failure;
        threads.delete(this);
        for (const { reject } of this.#waiting.values()) {
            reject(new ScratchError(failure));
        }
        this.#waiting.clear();
    }

    #removeNamed() {
        for (const { path, isDirectory } of this.#named.values()) {
            try {
                rmSync(path, { force: true, recursive: isDirectory });
            } catch {
                // It stays; its name tells where it came from.
            }
        }
        this.#named.clear();
    }
}
