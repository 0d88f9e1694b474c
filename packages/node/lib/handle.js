// What files, texts and directories have in common: a place in the component's thread.

import { ScratchError } from './errors.js';

// Node 18.18 and later have it.
Symbol.asyncDispose ??= Symbol.for('nodejs.asyncDispose');

/** How many bytes, or characters, of lines an iteration fetches at a time. */
const LINES_AT_ONCE = 64 * 1024;

/** Something of the component's. Not for callers to construct. */
export class Handle {
    #thread;
    #handle;
    #path;
    #removal;
    #owner;
    #closed = false;
    #gone = false;

    /**
     * @param {import('./thread.js').Thread} thread
     * @param {{ handle: number, path?: string }} made what the component's thread answered
     * @param {{ removal?: string, isDirectory?: boolean, owner?: object }} more what becomes of its
     *   name, and what must not be dropped before it
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
        if (this.#closed || this.#gone) {
            return;
        }
        const stays = this.#removal === 'on-drop';
        try {
            await this._call('close', [stays]);
        } catch (error) {
            // Whoever closed the whole scratch space closed this with it.
            if (error.scratchCode !== 'closed') {
                throw error;
            }
        }
        this.#closed = true;
        if (!stays) {
            this.#forget();
        }
    }

    /** Closes it, and removes what waits for being dropped. */
    async [Symbol.asyncDispose]() {
        await this.close();
        if (this.#removal === 'on-drop' && !this.#gone) {
            this.#forget();
            await this.#thread.call(this.#handle, 'drop', []).catch(() => {});
        }
    }

    /** @protected Calls a method in the component's thread, in the order of the calls. */
    _call(method, args = [], moved = []) {
        if (this.#gone) {
            const message = `${method}: the file or directory was closed`;
            return Promise.reject(new ScratchError({ code: 'closed', message }));
        }
        return this.#thread.call(this.#handle, method, args, moved);
    }

    /** @protected The file stays where it is, or somewhere else. */
    _stays(path) {
        this.#path = path;
        this.#removal = 'never';
        this.#thread.forgetName(this.#handle);
    }

    /** @protected Another object takes over what this one stood for. */
    _moved(make, answer) {
        const more = { removal: this.#removal, owner: this.#owner };
        this.#forget();
        this.#closed = true;
        return make(this.#thread, answer, more);
    }

    /** @protected Another object of the same thread, which keeps this one alive. */
    _make(make, answer, more) {
        return make(this.#thread, answer, { ...more, owner: this });
    }

    #forget() {
        this.#gone = true;
        this.#thread.unwatch(this);
        this.#thread.forgetName(this.#handle);
    }
}

/** What has lines. */
export class LineHandle extends Handle {
    /** Lines that an iteration fetched, and how many of them it has handed out. */
    #ahead;
    /** The call that fetches them, while it is under way. */
    #fetching;

    /**
     * @protected As above. Lines that were fetched ahead are given back before anything else
     * happens, so that the position is always where the caller believes it to be.
     */
    _call(method, args, moved) {
        if (this.#fetching !== undefined) {
            const call = () => this._call(method, args, moved);
            return this.#fetching.then(call, call);
        }
        if (this.#ahead !== undefined) {
            const { start, lines, taken } = this.#ahead;
            this.#ahead = undefined;
            // If it fails, what follows fails too, or has no position.
            super._call('rewind', [start, lines.slice(0, taken)]).catch(() => {});
        }
        return super._call(method, args, moved);
    }

    async *[Symbol.asyncIterator]() {
        for (;;) {
            const ahead = await this.#fetch();
            for (const [index, line] of ahead.lines.entries()) {
                // The first one counts as handed out since it was asked for.
                if (index > 0) {
                    if (this.#ahead !== ahead) {
                        break;
                    }
                    this.#take(ahead);
                }
                yield this._line(line);
            }
            if (ahead.lines.length === 0) {
                return;
            }
        }
    }

    #fetch() {
        const fetching = this._call('lines', [BigInt(LINES_AT_ONCE)]).then(
            ({ start, lines }) => {
                this.#fetching = undefined;
                const ahead = { start, lines, taken: 0 };
                this.#ahead = ahead;
                this.#take(ahead);
                return ahead;
            },
            (error) => {
                this.#fetching = undefined;
                throw error;
            },
        );
        this.#fetching = fetching;
        return fetching;
    }

    #take(ahead) {
        ahead.taken += 1;
        if (ahead.taken >= ahead.lines.length) {
            this.#ahead = undefined;
        }
    }
}
