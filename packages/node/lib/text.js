// Text over a temporary file.

import * as check from './arguments.js';
import { wrongType } from './errors.js';
import { LineHandle } from './handle.js';

/** A position in a text, opaque to callers. */
class TextPosition {
    #value;

    constructor(value) {
        this.#value = value;
    }

    static target(position) {
        if (position === 'start' || position === 'end') {
            return { tag: position };
        }
        if (!(#value in Object(position))) {
            throw wrongType('position', "'start', 'end' or a result of tell()", position);
        }
        return { tag: 'position', val: position.#value };
    }
}

/** A text; index.d.ts documents its methods. */
export class TextFile extends LineHandle {
    #File;

    constructor(File, ...more) {
        super(...more);
        this.#File = File;
    }

    async read(max) {
        return this._call('read', [check.optionalFilesize(max, 'max')]);
    }

    readToEnd() {
        return this.read();
    }

    async readLine(limit) {
        return this._call('readLine', [check.optionalFilesize(limit, 'limit')]);
    }

    async readLines(hint) {
        return this._call('readLines', [check.optionalFilesize(hint, 'hint')]);
    }

    async write(text) {
        await this._call('write', [check.wellFormed(text, 'text')]);
    }

    async writeLines(lines) {
        await this._call('writeLines', [check.list(lines, 'lines', check.wellFormed)]);
    }

    async tell() {
        return new TextPosition(await this._call('tell'));
    }

    async seek(position) {
        await this._call('seek', [TextPosition.target(position)]);
    }

    async truncate(size) {
        await this._call('truncate', [check.optionalFilesize(size, 'size')]);
    }

    async flush() {
        await this._call('flush');
    }

    async rollover() {
        await this._call('rollover');
    }

    async isRolled() {
        return this._call('isRolled');
    }

    async intoFile() {
        const created = await this._call('intoFile');
        return this._replace((...more) => new this.#File(...more), created);
    }

    /** @protected */
    _line(line) {
        return line;
    }
}
