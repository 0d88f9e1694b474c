// Temporary files of all three kinds, and files of a temporary directory.

import * as check from './arguments.js';
import { LineHandle } from './handle.js';
import { reader, writer } from './streams.js';
import { TextFile } from './text.js';

const TO_THE_END = 2n ** 64n - 1n;

/** A temporary file; index.d.ts documents its methods. */
export class TemporaryFile extends LineHandle {
    async tell() {
        return check.exactNumber(await this._call('tell'));
    }

    async seek(offset, whence = 'start') {
        const args = [check.distance(offset, 'offset'), check.whence(whence)];
        return check.exactNumber(await this._call('seek', args));
    }

    async read(max) {
        const wanted = max === undefined ? TO_THE_END : check.filesize(max, 'max');
        return buffer(await this._call('read', [wanted]));
    }

    readToEnd() {
        return this.read();
    }

    async readLine(limit) {
        return buffer(await this._call('readLine', [check.optionalFilesize(limit, 'limit')]));
    }

    async readLines(hint) {
        return (await this._call('readLines', [check.optionalFilesize(hint, 'hint')])).map(buffer);
    }

    async readAt(max, offset) {
        const args = [check.filesize(max, 'max'), check.filesize(offset, 'offset')];
        return buffer(await this._call('readAt', args));
    }

    async write(data) {
        const copy = check.bytes(data, 'data');
        await this._call('write', [copy], [copy.buffer]);
    }

    async writeLines(lines) {
        await this._call('writeLines', [check.list(lines, 'lines', check.bytes)]);
    }

    async writeAt(data, offset) {
        const copy = check.bytes(data, 'data');
        await this._call('writeAt', [copy, check.filesize(offset, 'offset')], [copy.buffer]);
    }

    async truncate(size) {
        await this._call('truncate', [check.optionalFilesize(size, 'size')]);
    }

    async flush() {
        await this._call('flush');
    }

    async sync() {
        await this._call('sync');
    }

    async size() {
        return check.exactNumber(await this._call('size'));
    }

    async rollover() {
        await this._call('rollover');
    }

    async isRolled() {
        return this._call('isRolled');
    }

    async persist(path, options) {
        const { replace = false } = check.object(options, 'options');
        const args = [check.path(path, 'path'), check.boolean(replace, 'replace')];
        this._kept(await this._call('persist', args));
    }

    async keep() {
        await this._call('keep');
        this._kept(this.path);
    }

    async text(options) {
        const created = await this._call('text', [check.textOptions(options)]);
        return this._replace((...more) => new TextFile(TemporaryFile, ...more), created);
    }

    createReadStream(options) {
        return reader(this, options);
    }

    createWriteStream(options) {
        return writer(this, options);
    }

    /** @protected */
    _line(line) {
        return buffer(line);
    }
}

/** Returns a Buffer over the same memory. */
function buffer(bytes) {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
