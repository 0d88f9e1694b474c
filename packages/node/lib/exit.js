// The end of the process, which no asynchronous code outlives: shared memory in which the caller's
// thread asks the component's thread to close everything, and waits until it has.

/** Longest time without any progress for which an exiting process waits, in milliseconds. */
const TIMEOUT = 2000;

// The cells: whether the process exits, the number of calls of the filesystem that have ended, and the
// state of the component's thread, which is 0 while it starts.
const [EXITING, CALLS, STATE, CELLS] = [0, 1, 2, 3];
const [RUNNING, FINISHED] = [1, 2];

/** The memory that both threads share. */
export class Exit {
    #cells;

    /** @param {SharedArrayBuffer} [buffer] the `buffer` of the other thread's object */
    constructor(buffer = new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT)) {
        this.#cells = new Int32Array(buffer);
    }

    get buffer() {
        return this.#cells.buffer;
    }

    /** Called by the caller's thread: from now on, the component's thread runs no further call. */
    begin() {
        Atomics.store(this.#cells, EXITING, 1);
    }

    /**
     * Waits in the caller's thread until the component's thread has closed everything. Returns whether
     * it has; if not, its filesystem does not respond.
     */
    wait() {
        // A thread that has not started has nothing to close.
        while (Atomics.load(this.#cells, STATE) === RUNNING) {
            const calls = Atomics.load(this.#cells, CALLS);
            const outcome = Atomics.wait(this.#cells, STATE, RUNNING, TIMEOUT);
            if (outcome === 'timed-out' && calls === Atomics.load(this.#cells, CALLS)) {
                return false;
            }
        }
        return true;
    }

    /** Called by the component's thread before its first call. */
    start() {
        Atomics.store(this.#cells, STATE, RUNNING);
    }

    /** Whether the component's thread must close everything now. */
    get hasBegun() {
        return Atomics.load(this.#cells, EXITING) === 1;
    }

    /** Called by the component's thread after each call of the filesystem. */
    advance() {
        Atomics.add(this.#cells, CALLS, 1);
    }

    /** Called by the component's thread when it has closed everything. */
    finish() {
        Atomics.store(this.#cells, STATE, FINISHED);
        Atomics.notify(this.#cells, STATE);
    }
}
