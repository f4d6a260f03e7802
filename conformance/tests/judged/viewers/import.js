// What speedscope's own importer makes of files: node import.js PACKAGE FILE...
//
// The importer is in the script of its page, which has no other way in: its start is cut off, and
// the importer handed out in its place. Prints a line of JSON for each file.
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');

const [pkg, ...files] = process.argv.slice(2);
const release = path.join(pkg, 'dist/release');
const script = fs.readdirSync(release).find((name) => /^speedscope-.*\.js$/.test(name));
const source = fs.readFileSync(path.join(release, script), 'utf8');

const importers = /var (\w+)=\{\};[\w$]+\(\1,\{[^}]*importProfilesFromArrayBuffer:/.exec(source)[1];
const init = new RegExp(`\\(\\)=>\\((\\w+)\\(\\),${importers}\\)`).exec(source)[1];
const start = source.lastIndexOf('console.log(`speedscope v');
const cut = `${source.slice(0, start)}globalThis.importers=(${init}(),${importers})})();`;

// The page that the script would look at: anything, of which anything may be asked.
const anything = () =>
  new Proxy(function () {}, {
    get: (_, key) => (key === Symbol.toPrimitive ? () => '' : anything()),
    set: () => true,
    apply: anything,
    construct: anything,
  });
const page = {
  console: { ...console, log() {} },
  document: anything(),
  localStorage: anything(),
  location: { hash: '', protocol: 'file:' },
  matchMedia: anything,
  navigator: { platform: '', userAgent: '' },
  performance,
  setTimeout,
  TextDecoder,
  TextEncoder,
  URL,
};
page.window = page.self = page.globalThis = page;
vm.createContext(page);
vm.runInContext(cut, page);

async function read(file) {
  const bytes = fs.readFileSync(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const group = await page.importers.importProfilesFromArrayBuffer(path.basename(file), buffer);
  const profiles = group.profiles.map((profile) => {
    const leaves = {};
    profile.forEachFrame((frame) => {
      if (frame.getSelfWeight() > 0) leaves[frame.name] = frame.getSelfWeight();
    });
    return {
      name: profile.getName(),
      unit: profile.getWeightUnit(),
      total: profile.getTotalWeight(),
      busy: profile.getTotalNonIdleWeight(),
      leaves,
    };
  });
  console.log(JSON.stringify({ shown: group.indexToView, profiles }));
}

(async () => {
  for (const file of files) await read(file);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
