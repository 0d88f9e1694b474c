// Reading and writing in pieces of bounded size.

import { constants } from 'node:buffer';
import { refusal, refusalOf } from './refusals.js';

/** @typedef {import('./component/interfaces/scratch-tempfile-tempfile.js').TemporaryFile} File */

/** Most bytes that one call moves into or out of the component, whose memory never shrinks. */
export const PIECE = 4 * 1024 * 1024;

/** The largest position that a number holds exactly: above it, Node would use another position. */
const LAST_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Refuses a write beyond the exact positions: a buffered one would fail only when it is flushed.
 *
 * @param {string} argument
 * @param {bigint} position
 * @param {number} length
 */
export function checkEnd(argument, position, length) {
    if (length > 0 && position > LAST_EXACT - BigInt(length)) {
        throw refusal('file-too-large', `${argument}: the end would be above 2^53 - 1`);
    }
}

/**
 * Reads up to `max` bytes at the position. After an error, the position is where it was.
 *
 * @param {File} file
 * @param {bigint} max
 */
export function readInPieces(file, max) {
    if (max <= BigInt(PIECE)) {
        return file.read(max);
    }
    const start = file.tell();
    try {
        return inPieces(max, (wanted) => file.read(wanted));
    } catch (error) {
        file.seek(start, 'start');
        throw error;
    }
}

/**
 * Reads up to `max` bytes at `offset`.
 *
 * @param {File} file
 * @param {bigint} max
 * @param {bigint} offset
 */
export function readAtInPieces(file, max, offset) {
    return inPieces(max, (wanted, read) => file.readAt(wanted, offset + read));
}

/**
 * Reads up to `max` bytes, fewer only at the end.
 *
 * @param {bigint} max
 * @param {(wanted: bigint, read: bigint) => Uint8Array} read reads a piece, after so many bytes
 */
function inPieces(max, read) {
    const pieces = [];
    let length = 0;
    while (BigInt(length) < max) {
        const left = max - BigInt(length);
        const wanted = left < BigInt(PIECE) ? left : BigInt(PIECE);
        const piece = read(wanted, BigInt(length));
        length += piece.length;
        if (length > constants.MAX_LENGTH) {
            throw refusal('insufficient-memory', `read: a Buffer cannot exceed ${constants.MAX_LENGTH} bytes`);
        }
        pieces.push(piece);
        if (BigInt(piece.length) < wanted) {
            break;
        }
    }
    const [first] = pieces;
    return first !== undefined && pieces.length === 1 ? first : concatenated(pieces, length);
}

/**
 * @param {Uint8Array[]} pieces
 * @param {number} length
 */
function concatenated(pieces, length) {
    try {
        const all = new Uint8Array(length);
        let end = 0;
        for (const piece of pieces) {
            all.set(piece, end);
            end += piece.length;
        }
        return all;
    } catch {
        throw refusal('insufficient-memory', `read: cannot allocate ${length} bytes`);
    }
}

/**
 * Writes all of `data`. After an error, the pieces before the failed one are written.
 *
 * @param {Uint8Array} data
 * @param {(piece: Uint8Array, written: number) => void} write writes a piece, after so many bytes
 */
export function writeInPieces(data, write) {
    let written = 0;
    do {
        const piece = data.subarray(written, written + PIECE);
        try {
            write(piece, written);
        } catch (error) {
            if (written > 0 && refusalOf(error) !== undefined) {
                error.bytesWritten = written;
            }
            throw error;
        }
        written += piece.length;
    } while (written < data.length);
}

/**
 * Yields batches of lines of at most `PIECE` bytes; a longer line is a separate batch.
 *
 * @param {Uint8Array[]} lines
 */
export function* batches(lines) {
    /** @type {Uint8Array[]} */
    let batch = [];
    let length = 0;
    for (const line of lines) {
        if (batch.length > 0 && length + line.length > PIECE) {
            yield batch;
            [batch, length] = [[], 0];
        }
        batch.push(line);
        length += line.length;
    }
    if (batch.length > 0) {
        yield batch;
    }
}
