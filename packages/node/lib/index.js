// Temporary files and directories that remove themselves; index.d.ts is the reference.

import { openScratch } from './scratch.js';

export { TemporaryDirectory } from './directory.js';
export { ScratchError } from './errors.js';
export { TemporaryFile } from './file.js';
export { Scratch, openScratch } from './scratch.js';
export { TextFile } from './text.js';

let system;

/** Scratch space in the system's directory for temporary files, opened when it is first needed. */
function ofSystem() {
    system ??= openScratch().catch((error) => {
        // The next caller tries again.
        system = undefined;
        throw error;
    });
    return system;
}

export const temporaryFile = async (options) => (await ofSystem()).temporaryFile(options);
export const namedTemporaryFile = async (options) => (await ofSystem()).namedTemporaryFile(options);
export const spooledTemporaryFile = async (options) => (await ofSystem()).spooledTemporaryFile(options);
export const temporaryDirectory = async (options) => (await ofSystem()).temporaryDirectory(options);
