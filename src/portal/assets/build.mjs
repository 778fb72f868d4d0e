// Builds what browsers load, and puts it with the views and the words beside the compiled code:
//   node src/portal/assets/build.mjs <outDir>
// Writes <outDir>/src/portal/public/<name>.<hash>.<type>, each also as .br and .gz, with manifest.json from names to files.
// Compiling takes seconds, so its result is kept below node_modules/.cache under the hash of everything it came from.
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const assets = import.meta.dirname;
const root = path.resolve(assets, '../../..');
const cache = path.join(root, 'node_modules/.cache/wellpaid');
const KEPT_BUILDS = 3;
const STYLES = ['portal.scss'];
const SCRIPTS = ['portal.js', 'passkeys.js'];
const PICTURES = ['favicon.svg'];
/** Rests on the hashed names of the others. */
const APP_MANIFEST = 'app.webmanifest';
const COMPILERS = ['sass', '@swc/core', 'govuk-frontend', '@ministryofjustice/frontend', '@simplewebauthn/browser'];

/** Minifying leaves no comment, and these ask for theirs. */
const NOTICE =
  '/*! With parts of govuk-frontend (Crown copyright, Government Digital Service), @ministryofjustice/frontend ' +
  '(Crown copyright, Ministry of Justice) and SimpleWebAuthn (Matthew Miller), under the MIT licence */\n';

const outDir = process.argv[2];
if (!outDir) fail('Say where to: node src/portal/assets/build.mjs <outDir>');
const built = path.join(cache, fingerprint());
if (!existsSync(built)) await build();
install(path.resolve(root, outDir, 'src'));

/** Hashes the sources, this program and the versions of what compiles them. */
function fingerprint() {
  const hash = createHash('sha256');
  const sources = readdirSync(assets, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of sources.toSorted()) hash.update(path.relative(assets, file)).update(readFileSync(file));
  for (const name of COMPILERS) {
    const manifest = path.join(root, 'node_modules', name, 'package.json');
    if (!existsSync(manifest)) fail(`${name} is not installed, and the portal cannot be built without it: npm ci`);
    hash.update(`${name} ${JSON.parse(readFileSync(manifest, 'utf8')).version}`);
  }
  return hash.digest('hex').slice(0, 20);
}

async function build() {
  const draft = `${built}.${randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  try {
    await fill(draft);
    renameSync(draft, built);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(built)) throw error; // else another build of the same sources was faster
  }
  removeOldBuilds();
}

async function fill(folder) {
  const names = {};
  const put = (name, content) => {
    names[name] = hashedName(name, content);
    writeCompressed(path.join(folder, names[name]), Buffer.from(content));
  };
  for (const file of STYLES) put(file.replace('.scss', '.css'), NOTICE + (await compileStyle(file)));
  const scripts = resolvedScripts(folder);
  for (const file of SCRIPTS) put(file, NOTICE + (await bundleScript(path.join(scripts, file))));
  rmSync(scripts, { recursive: true });
  for (const file of PICTURES) put(file, readFileSync(path.join(assets, file)));
  const text = readFileSync(path.join(assets, APP_MANIFEST), 'utf8');
  const resolved = text.replace(/\{([\w.-]+)\}/g, (_, name) => names[name] ?? fail(`${APP_MANIFEST} names ${name}`));
  put(APP_MANIFEST, resolved);
  writeFileSync(path.join(folder, 'manifest.json'), `${JSON.stringify(names, null, 2)}\n`);
}

async function compileStyle(file) {
  const { compile } = await import('sass');
  const loadPaths = [root, path.join(root, 'node_modules')];
  // Pages are UTF-8, and so is what they load: no mark at the start, which the notice would push into the middle.
  return compile(path.join(assets, file), { loadPaths, style: 'compressed', charset: false }).css;
}

/** Copies the scripts with the files of packages in place of their names, which the bundler cannot resolve itself. */
function resolvedScripts(draft) {
  const folder = path.join(draft, 'scripts');
  mkdirSync(folder);
  for (const name of readdirSync(assets).filter((file) => file.endsWith('.js'))) {
    const text = readFileSync(path.join(assets, name), 'utf8');
    const resolved = text.replace(
      /^(import .* from) '([^.].*)';$/gm,
      (_, start, from) => `${start} ${JSON.stringify(fileURLToPath(import.meta.resolve(from)))};`,
    );
    writeFileSync(path.join(folder, name), resolved);
  }
  return folder;
}

async function bundleScript(file) {
  const { bundle, minify } = (await import('@swc/core')).default;
  const name = path.basename(file, '.js');
  const jsc = { parser: { syntax: 'ecmascript' }, target: 'es2022' };
  const bundles = await bundle({
    mode: 'production',
    target: 'browser',
    entry: { [name]: file },
    output: { path: path.dirname(file), name },
    module: {},
    options: { configFile: false, swcrc: false, jsc },
  });
  const { code } = await minify(bundles[name].code, { module: true, compress: { passes: 2 }, mangle: true });
  return code;
}

function hashedName(name, content) {
  const { name: stem, ext } = path.parse(name);
  return `${stem}.${createHash('sha256').update(content).digest('hex').slice(0, 10)}${ext}`;
}

function writeCompressed(file, content) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(file, content);
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}

function removeOldBuilds() {
  const madeAt = (name) => statSync(path.join(cache, name)).mtimeMs;
  const builds = readdirSync(cache).filter((name) => !name.includes('.'));
  for (const name of builds.toSorted((a, b) => madeAt(b) - madeAt(a)).slice(KEPT_BUILDS)) {
    rmSync(path.join(cache, name), { recursive: true, force: true });
  }
}

function install(out) {
  replaceFolder(built, path.join(out, 'portal/public'));
  replaceFolder(path.join(root, 'src/portal/views'), path.join(out, 'portal/views'));
  replaceFolder(path.join(root, 'src/words/catalogue'), path.join(out, 'words/catalogue'));
  // The compiler of the server's code takes the browser's scripts for its own.
  rmSync(path.join(out, 'portal/assets'), { recursive: true, force: true });
}

function replaceFolder(from, to) {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
