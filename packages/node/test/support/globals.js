// Prints the properties of global objects that importing and using the package changes.

const objects = new Map();
for (const name of Object.getOwnPropertyNames(globalThis)) {
    const value = globalThis[name];
    objects.set(name, Object(value)).set(`${name}.prototype`, Object(value?.prototype));
}

/** Returns the properties of all global objects and of their prototypes. */
function describe() {
    return new Map([...objects].map(([name, object]) => [name, Object.getOwnPropertyDescriptors(object)]));
}

const before = describe();
const { openScratch } = await import('../../lib/index.js');
const scratch = await openScratch({ directory: process.argv[2] });
const file = await scratch.namedTemporaryFile();
await file.write('content');
await (await file.text())[Symbol.asyncDispose]();
await (await scratch.temporaryDirectory()).close();
await scratch.close();

for (const [name, after] of describe()) {
    const old = before.get(name);
    for (const key of Reflect.ownKeys({ ...old, ...after })) {
        const isSame = ['value', 'get', 'set'].every((part) => Object.is(old[key]?.[part], after[key]?.[part]));
        // Adding a listener to `process` is no patch.
        if (!isSame && !(name === 'process' && String(key).startsWith('_event'))) {
            console.log(name, key);
        }
    }
}
