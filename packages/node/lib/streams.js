// Node streams over a temporary file. Each chunk is one call, made when the other side is ready: a
// stream never buffers more than its highWaterMark.

import { Readable, Writable } from 'node:stream';
import * as check from './arguments.js';

const HIGH_WATER_MARK = 64 * 1024;

/** @typedef {import('./file.js').TemporaryFile} TemporaryFile */

/**
 * Returns a stream of the content of `file`, from its position or `start` up to and including `end`.
 *
 * @param {TemporaryFile} file
 * @param {import('./index.js').ReadStreamOptions | undefined} options
 */
export function reader(file, options) {
    const given = check.object(options, 'options');
    const { highWaterMark = HIGH_WATER_MARK, autoClose = false, encoding, signal } = given;
    const start = check.optionalFilesize(given.start, 'start');
    const end = check.optionalFilesize(given.end, 'end');
    /** @type {bigint | undefined} */
    let offset = start;
    /** @type {bigint | undefined} */
    let left = end === undefined ? undefined : end + 1n - (start ?? 0n);

    /** @param {number} size */
    async function next(size) {
        if (end !== undefined && start === undefined && offset === undefined) {
            // `end` is an offset in the file, not a distance from the position.
            offset = BigInt(await file.tell());
            left = end + 1n - offset;
        }
        const wanted = left === undefined || left > BigInt(size) ? BigInt(size) : left;
        if (wanted <= 0n) {
            return Buffer.alloc(0);
        }
        const bytes = await (start === undefined ? file.read(wanted) : file.readAt(wanted, offset ?? start));
        left = left === undefined ? undefined : left - BigInt(bytes.length);
        offset = offset === undefined ? undefined : offset + BigInt(bytes.length);
        return bytes;
    }

    return new Readable({
        highWaterMark,
        encoding,
        signal,
        read(size) {
            next(size).then(
                (bytes) => this.push(bytes.length === 0 ? null : bytes),
                (error) => this.destroy(error),
            );
        },
        destroy: closing(file, autoClose),
    });
}

/**
 * Returns a stream into `file`, at its position or at `start`.
 *
 * @param {TemporaryFile} file
 * @param {import('./index.js').WriteStreamOptions | undefined} options
 */
export function writer(file, options) {
    const given = check.object(options, 'options');
    const { highWaterMark = HIGH_WATER_MARK, autoClose = false, signal } = given;
    let offset = check.optionalFilesize(given.start, 'start');

    /** @param {Buffer} bytes */
    async function put(bytes) {
        if (offset === undefined) {
            await file.write(bytes);
        } else {
            await file.writeAt(bytes, offset);
            offset += BigInt(bytes.length);
        }
    }

    return new Writable({
        highWaterMark,
        signal,
        write(chunk, _encoding, done) {
            put(chunk).then(() => done(), done);
        },
        writev(chunks, done) {
            put(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
        },
        final(done) {
            file.flush().then(() => done(), done);
        },
        destroy: closing(file, autoClose),
    });
}

/**
 * Returns the `destroy` of a stream.
 *
 * @param {TemporaryFile} file
 * @param {boolean} autoClose
 */
function closing(file, autoClose) {
    return (/** @type {Error | null} */ error, /** @type {(error?: Error | null) => void} */ done) => {
        if (autoClose) {
            file.close().then(
                () => done(error),
                (failure) => done(error ?? failure),
            );
        } else {
            done(error);
        }
    };
}
