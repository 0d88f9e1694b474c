// Temporary files of all three kinds, and files of a temporary directory.

import * as check from './arguments.js';
import { LineHandle } from './handle.js';
import { reader, writer } from './streams.js';
import { TextFile } from './text.js';

/** @typedef {import('./index.js').TemporaryFile} Api */

const TO_THE_END = 2n ** 64n - 1n;

/**
 * A temporary file; index.d.ts documents its methods.
 *
 * @extends {LineHandle<import('./calls.js').FileCalls, Buffer>}
 * @implements {Api}
 */
export class TemporaryFile extends LineHandle {
    /** @type {Api['tell']} */
    async tell() {
        return check.exactNumber(await this._call('tell', []));
    }

    /** @type {Api['seek']} */
    async seek(offset, whence = 'start') {
        const distance = check.distance(offset, 'offset');
        return check.exactNumber(await this._call('seek', [distance, check.whence(whence, 'whence')]));
    }

    /** @type {Api['read']} */
    async read(max) {
        const wanted = max === undefined ? TO_THE_END : check.filesize(max, 'max');
        return buffer(await this._call('read', [wanted]));
    }

    /** @type {Api['readToEnd']} */
    readToEnd() {
        return this.read();
    }

    /** @type {Api['readLine']} */
    async readLine(limit) {
        return buffer(await this._call('readLine', [check.optionalFilesize(limit, 'limit')]));
    }

    /** @type {Api['readLines']} */
    async readLines(hint) {
        return (await this._call('readLines', [check.optionalFilesize(hint, 'hint')])).map(buffer);
    }

    /** @type {Api['readAt']} */
    async readAt(max, offset) {
        const wanted = check.filesize(max, 'max');
        return buffer(await this._call('readAt', [wanted, check.filesize(offset, 'offset')]));
    }

    /** @type {Api['write']} */
    async write(data) {
        const copy = check.bytes(data, 'data');
        await this._call('write', [copy], [copy.buffer]);
    }

    /** @type {Api['writeLines']} */
    async writeLines(lines) {
        await this._call('writeLines', [check.list(lines, 'lines', check.bytes)]);
    }

    /** @type {Api['writeAt']} */
    async writeAt(data, offset) {
        const copy = check.bytes(data, 'data');
        await this._call('writeAt', [copy, check.filesize(offset, 'offset')], [copy.buffer]);
    }

    /** @type {Api['truncate']} */
    async truncate(size) {
        await this._call('truncate', [check.optionalFilesize(size, 'size')]);
    }

    /** @type {Api['flush']} */
    async flush() {
        await this._call('flush', []);
    }

    /** @type {Api['sync']} */
    async sync() {
        await this._call('sync', []);
    }

    /** @type {Api['size']} */
    async size() {
        return check.exactNumber(await this._call('size', []));
    }

    /** @type {Api['rollover']} */
    async rollover() {
        await this._call('rollover', []);
    }

    /** @type {Api['isRolled']} */
    async isRolled() {
        return this._call('isRolled', []);
    }

    /** @type {Api['persist']} */
    async persist(path, options) {
        const { replace = false } = check.object(options, 'options');
        const target = check.path(path, 'path');
        this._kept(await this._call('persist', [target, check.boolean(replace, 'replace')]));
    }

    /** @type {Api['keep']} */
    async keep() {
        await this._call('keep', []);
        this._kept(this.path);
    }

    /** @type {Api['text']} */
    async text(options) {
        const created = await this._call('text', [check.textOptions(options)]);
        return this._replace((...made) => new TextFile(TemporaryFile, ...made), created);
    }

    /** @type {Api['createReadStream']} */
    createReadStream(options) {
        return reader(this, options);
    }

    /** @type {Api['createWriteStream']} */
    createWriteStream(options) {
        return writer(this, options);
    }

    /**
     * @protected
     * @override
     * @param {Uint8Array} line
     */
    _line(line) {
        return buffer(line);
    }
}

/**
 * Returns a Buffer over the same memory.
 *
 * @param {Uint8Array} bytes
 */
function buffer(bytes) {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
