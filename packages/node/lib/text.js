// Text over a temporary file.

import * as check from './arguments.js';
import { wrongType } from './errors.js';
import { LineHandle } from './handle.js';

/** @typedef {import('./component/interfaces/scratch-tempfile-text.js').TextPosition} Value */
/** @typedef {import('./component/interfaces/scratch-tempfile-text.js').Target} Target */

/** A position in a text, opaque to callers. */
class TextPosition {
    #value;

    /** @param {Value} value */
    constructor(value) {
        this.#value = value;
    }

    /**
     * Returns the component's target of a `seek`.
     *
     * @param {unknown} position
     * @returns {Target}
     */
    static target(position) {
        if (position === 'start' || position === 'end') {
            return { tag: position };
        }
        const object = Object(position);
        if (!(#value in object)) {
            throw wrongType('position', "'start', 'end' or a result of tell()", position);
        }
        return { tag: 'position', val: object.#value };
    }
}

/** @typedef {import('./index.js').TextFile} Api */

/**
 * A text; index.d.ts documents its methods.
 *
 * @extends {LineHandle<import('./calls.js').TextCalls, string>}
 * @implements {Api}
 */
export class TextFile extends LineHandle {
    #File;

    /**
     * @param {typeof import('./file.js').TemporaryFile} File passed in, as its module imports this one
     * @param {ConstructorParameters<typeof import('./file.js').TemporaryFile>} made
     */
    constructor(File, ...made) {
        super(...made);
        this.#File = File;
    }

    /** @type {Api['read']} */
    async read(max) {
        return this._call('read', [check.optionalFilesize(max, 'max')]);
    }

    /** @type {Api['readToEnd']} */
    readToEnd() {
        return this.read();
    }

    /** @type {Api['readLine']} */
    async readLine(limit) {
        return this._call('readLine', [check.optionalFilesize(limit, 'limit')]);
    }

    /** @type {Api['readLines']} */
    async readLines(hint) {
        return this._call('readLines', [check.optionalFilesize(hint, 'hint')]);
    }

    /** @type {Api['write']} */
    async write(text) {
        await this._call('write', [check.wellFormed(text, 'text')]);
    }

    /** @type {Api['writeLines']} */
    async writeLines(lines) {
        await this._call('writeLines', [check.list(lines, 'lines', check.wellFormed)]);
    }

    /** @type {Api['tell']} */
    async tell() {
        const position = new TextPosition(await this._call('tell', []));
        // The public type has a brand that exists in the types only.
        return /** @type {any} */ (position);
    }

    /** @type {Api['seek']} */
    async seek(position) {
        await this._call('seek', [TextPosition.target(position)]);
    }

    /** @type {Api['truncate']} */
    async truncate(size) {
        await this._call('truncate', [check.optionalFilesize(size, 'size')]);
    }

    /** @type {Api['flush']} */
    async flush() {
        await this._call('flush', []);
    }

    /** @type {Api['rollover']} */
    async rollover() {
        await this._call('rollover', []);
    }

    /** @type {Api['isRolled']} */
    async isRolled() {
        return this._call('isRolled', []);
    }

    /** @type {Api['intoFile']} */
    async intoFile() {
        const created = await this._call('intoFile', []);
        return this._replace((...made) => new this.#File(...made), created);
    }

    /**
     * @protected
     * @override
     * @param {string} line
     */
    _line(line) {
        return line;
    }
}
