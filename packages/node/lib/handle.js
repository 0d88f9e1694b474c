// The base of files, texts and directories: a resource in the component's thread.

import { ScratchError } from './errors.js';

// Missing before Node 18.18.
Symbol.asyncDispose ??= Symbol.for('nodejs.asyncDispose');

/** Size of one batch of an iteration's lines, in bytes or characters. */
const BATCH = 64 * 1024;

/** A resource of the component. Callers cannot construct one. */
export class Handle {
    #thread;
    #handle;
    #path;
    #removal;
    #owner;
    #closed = false;
    #released = false;

    /**
     * @param {import('./thread.js').Thread} thread
     * @param {{ handle: number, path?: string }} created the result of the call that created it
     * @param {{ removal?: string, isDirectory?: boolean, owner?: object }} more when its name is
     *   removed, and the object that must not be collected before it
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
            await this._call('close', [removedOnDrop]);
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

    /** Closes it, and removes a name whose removal is `on-drop`. */
    async [Symbol.asyncDispose]() {
        await this.close();
        if (this.#removal === 'on-drop' && !this.#released) {
            this.#release();
            await this.#thread.call(this.#handle, 'drop', []).catch(() => {});
        }
    }

    /** @protected Calls a method in the component's thread, in the order of the calls. */
    _call(method, args = [], transferred = []) {
        if (this.#released) {
            const message = `${method}: the file or directory was closed`;
            return Promise.reject(new ScratchError({ code: 'closed', message }));
        }
        return this.#thread.call(this.#handle, method, args, transferred);
    }

    /** @protected Marks the entry as kept for good, at `path`. */
    _kept(path) {
        this.#path = path;
        this.#removal = 'never';
        this.#thread.forgetName(this.#handle);
    }

    /** @protected Makes the object that takes over this one's resource, and closes this one. */
    _replace(make, created) {
        const more = { removal: this.#removal, owner: this.#owner };
        this.#release();
        this.#closed = true;
        return make(this.#thread, created, more);
    }

    /** @protected Makes an object of the same thread that keeps this one from being collected. */
    _make(make, created, more) {
        return make(this.#thread, created, { ...more, owner: this });
    }

    #release() {
        this.#released = true;
        this.#thread.unwatch(this);
        this.#thread.forgetName(this.#handle);
    }
}

/** A resource that is read by lines. */
export class LineHandle extends Handle {
    /** The batch of lines that an iteration has fetched, and the number of lines it has yielded. */
    #batch;
    /** The pending call that fetches a batch. */
    #fetching;

    /**
     * @protected As `Handle._call`, but first moves the position back to the end of the last line
     * that was yielded: callers never see that lines are read ahead.
     */
    _call(method, args, transferred) {
        if (this.#fetching !== undefined) {
            const call = () => this._call(method, args, transferred);
            return this.#fetching.then(call, call);
        }
        if (this.#batch !== undefined) {
            const { start, lines, yielded } = this.#batch;
            this.#batch = undefined;
            // If it fails, the call that follows fails too, or needs no position.
            super._call('rewind', [start, lines.slice(0, yielded)]).catch(() => {});
        }
        return super._call(method, args, transferred);
    }

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

    #fetch() {
        const fetching = this._call('lines', [BigInt(BATCH)]).then(
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

    /** Counts one more line as yielded. */
    #count(batch) {
        batch.yielded += 1;
        if (batch.yielded >= batch.lines.length) {
            this.#batch = undefined;
        }
    }
}
