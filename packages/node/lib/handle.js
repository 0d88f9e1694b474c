// The base of files, texts and directories: a resource in the component's thread.

import { ScratchError } from './errors.js';

/** @typedef {import('./calls.js').Created} Created */
/** @typedef {import('./thread.js').Thread} Thread */

/**
 * When the name of a resource is removed, and the object that must not be collected before it.
 *
 * @typedef {{
 *     removal?: import('./index.js').Removal | undefined,
 *     isDirectory?: boolean,
 *     owner?: object | undefined,
 * }} Options
 */

/**
 * Makes the object of a new resource.
 *
 * @template Made
 * @typedef {(thread: Thread, created: Created, options: Options) => Made} Make
 */

/** Size of one batch of an iteration's lines, in bytes or characters. */
const BATCH = 64 * 1024;

/**
 * A resource of the component. Callers cannot construct one.
 *
 * @template {import('./calls.js').HandleCalls} Calls
 */
export class Handle {
    #thread;
    #handle;
    #path;
    #removal;
    #owner;
    #closed = false;
    #released = false;

    /**
     * @param {Thread} thread
     * @param {Created} created
     * @param {Options} options
     */
    constructor(thread, { handle, path }, { removal = 'on-close', isDirectory = false, owner } = {}) {
        this.#thread = thread;
        this.#handle = handle;
        this.#path = path;
        this.#removal = removal;
        this.#owner = owner;
        thread.watch(this, handle);
        if (path !== undefined && removal !== 'never') {
            thread.noteName(handle, path, isDirectory);
        }
    }

    get path() {
        return this.#path;
    }

    get closed() {
        return this.#closed;
    }

    async close() {
        if (this.#closed || this.#released) {
            return;
        }
        const removedOnDrop = this.#removal === 'on-drop';
        try {
            await this._send('close', [removedOnDrop]);
        } catch (error) {
            // Closing the scratch space has closed this too.
            if (error.scratchCode !== 'closed') {
                throw error;
            }
        }
        this.#closed = true;
        if (!removedOnDrop) {
            this.#release();
        }
    }

    /** Closes the resource, and removes a name whose removal is `on-drop`. */
    async [Symbol.asyncDispose]() {
        await this.close();
        if (this.#removal === 'on-drop' && !this.#released) {
            this.#release();
            await this.#thread.call(this.#handle, 'drop', []).catch(() => {});
        }
    }

    /**
     * Calls a method in the component's thread, in the order of the calls.
     *
     * @protected
     * @template {keyof Calls & string} Name
     * @param {Name} method
     * @param {import('./calls.js').Args<Calls, Name>} args
     * @param {ArrayBuffer[]} [transferred] buffers of `args` to move instead of copying
     * @returns {Promise<import('./calls.js').Result<Calls, Name>>}
     */
    _call(method, args, transferred) {
        return this._send(method, args, transferred);
    }

    /**
     * As `_call`, without the types of the method.
     *
     * @protected
     * @param {string} method
     * @param {unknown[]} args
     * @param {ArrayBuffer[]} [transferred]
     * @returns {Promise<any>}
     */
    _send(method, args, transferred = []) {
        if (this.#released) {
            const message = `${method}: the file or directory was closed`;
            return Promise.reject(new ScratchError({ code: 'closed', message }));
        }
        return this.#thread.call(this.#handle, method, args, transferred);
    }

    /**
     * Marks the entry as kept for good, at `path`.
     *
     * @protected
     * @param {string | undefined} path
     */
    _kept(path) {
        this.#path = path;
        this.#removal = 'never';
        this.#thread.forgetName(this.#handle);
    }

    /**
     * Makes the object that takes over this one's resource, and closes this one.
     *
     * @protected
     * @template Made
     * @param {Make<Made>} make
     * @param {Created} created
     */
    _replace(make, created) {
        const options = { removal: this.#removal, owner: this.#owner };
        this.#release();
        this.#closed = true;
        return make(this.#thread, created, options);
    }

    /**
     * Makes an object of the same thread that keeps this one from being collected.
     *
     * @protected
     * @template Made
     * @param {Make<Made>} make
     * @param {Created} created
     * @param {Options} options
     */
    _make(make, created, options) {
        return make(this.#thread, created, { ...options, owner: this });
    }

    #release() {
        this.#released = true;
        this.#thread.unwatch(this);
        this.#thread.forgetName(this.#handle);
    }
}

/**
 * Lines that an iteration has fetched, and the number of lines it has yielded.
 *
 * @typedef {import('./calls.js').Lines<any, any> & { yielded: number }} Batch
 */

/**
 * A resource that is read by lines.
 *
 * @template {import('./calls.js').ContentCalls<any, any>} Calls
 * @template Line
 * @extends {Handle<Calls>}
 */
export class LineHandle extends Handle {
    /** @type {Batch | undefined} */
    #batch;
    /**
     * The pending call that fetches a batch.
     *
     * @type {Promise<Batch> | undefined}
     */
    #fetching;

    /**
     * As `Handle._send`, but first moves the position back to the end of the last line that was
     * yielded: callers never see that lines are read ahead.
     *
     * @protected
     * @override
     * @param {string} method
     * @param {unknown[]} args
     * @param {ArrayBuffer[]} [transferred]
     * @returns {Promise<any>}
     */
    _send(method, args, transferred) {
        if (this.#fetching !== undefined) {
            const send = () => this._send(method, args, transferred);
            return this.#fetching.then(send, send);
        }
        if (this.#batch !== undefined) {
            const { start, lines, yielded } = this.#batch;
            this.#batch = undefined;
            // If it fails, the call that follows fails too, or needs no position.
            super._send('rewind', [start, lines.slice(0, yielded)]).catch(() => {});
        }
        return super._send(method, args, transferred);
    }

    /** @returns {AsyncGenerator<Line, void, undefined>} */
    async *[Symbol.asyncIterator]() {
        for (;;) {
            const batch = await this.#fetch();
            for (const [index, line] of batch.lines.entries()) {
                // The first line has been counted when it arrived.
                if (index > 0) {
                    if (this.#batch !== batch) {
                        break;
                    }
                    this.#count(batch);
                }
                yield this._line(line);
            }
            if (batch.lines.length === 0) {
                return;
            }
        }
    }

    /**
     * Returns a line as callers expect it.
     *
     * @protected
     * @param {any} _line
     * @returns {Line}
     */
    _line(_line) {
        throw new Error('a subclass overrides this');
    }

    #fetch() {
        const fetching = this._send('lines', [BigInt(BATCH)]).then(
            ({ start, lines }) => {
                this.#fetching = undefined;
                const batch = { start, lines, yielded: 0 };
                this.#batch = batch;
                this.#count(batch);
                return batch;
            },
            (error) => {
                this.#fetching = undefined;
                throw error;
            },
        );
        this.#fetching = fetching;
        return fetching;
    }

    /**
     * Counts one more line as yielded.
     *
     * @param {Batch} batch
     */
    #count(batch) {
        batch.yielded += 1;
        if (batch.yielded >= batch.lines.length) {
            this.#batch = undefined;
        }
    }
}
