"""Makes the micro pair's corpus: README and source files of permissively licensed npm packages, fetched with `npm pack`.

Writes `.work/docs.jsonl` (one document a line: package, path, kind, text) and `models/micro/CORPUS.md` (packages,
versions, licences). A package whose `license` field is not on the list is left out.
"""
from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE / '.work'
CORPUS_PAGE = HERE.parent / 'micro' / 'CORPUS.md'

PACKAGES = """express@5.3.0 koa@3.3.0 fastify@5.12.8 lodash@4.18.1 underscore@1.13.8 ramda@0.32.0 axios@1.21.1 react@19.3.1 vue@3.5.45 preact@11.2.0 rxjs@7.8.2
commander@14.0.3 yargs@18.2.0 debug@4.4.3 async@3.2.6 semver@7.8.6 fs-extra@11.4.1 moment@2.31.0 date-fns@4.4.0 jquery@4.0.0 three@0.187.0
marked@18.2.1 markdown-it@15.0.3 handlebars@4.7.10 ejs@7.0.2 webpack@5.112.2 rollup@4.68.7 acorn@8.19.0 terser@5.51.2 uglify-js@3.19.3 eslint@10.15.0
mocha@12.0.3 chai@6.3.0 ws@8.23.0 socket.io@4.8.4 jsonwebtoken@9.0.3 zod@4.6.7 immutable@5.2.1 redux@5.0.1 winston@3.19.0 cheerio@1.2.0 postcss@8.5.33
mathjs@15.2.0 chokidar@5.0.0 hono@4.13.19 knex@3.3.0 typescript@7.0.2""".split()
LICENSES = {'MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause'}
PROSE = {'.md', '.markdown'}
SOURCE = {'.js', '.mjs', '.cjs', '.ts', '.mts', '.jsx', '.tsx'}
MAX_PACKAGE_BYTES = 900_000
MAX_FILE_BYTES = 150_000
MAX_LINE = 400


def fetch(package: str) -> Path:
    """The tarball of `name@version`, from the work folder or `npm pack`."""
    folder = WORK / 'npm' / package
    folder.mkdir(parents=True, exist_ok=True)
    found = sorted(folder.glob('*.tgz'))
    if not found:
        subprocess.run(['npm', 'pack', '--silent', package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        found = sorted(folder.glob('*.tgz'))
    return found[0]


def readable(path: str, text: str) -> bool:
    """Hand-written text in English: no minified or generated bundles (long lines), no tables of locales."""
    return '.min.' not in path and 'locale' not in path.lower() and max(map(len, text.split('\n'))) <= MAX_LINE


def documents(name: str, archive: Path, seen: set[str]) -> tuple[dict, list[dict]]:
    """The package.json and the package's texts: prose first, then source by path, up to the size limit; duplicates once."""
    with tarfile.open(archive) as tar:
        members = sorted((m for m in tar.getmembers() if m.isfile()), key=lambda m: (Path(m.name).suffix not in PROSE, m.name))
        root = members[0].name.split('/')[0]
        manifest = json.load(tar.extractfile(f'{root}/package.json'))
        docs, size = [], 0
        for member in members:
            suffix = Path(member.name).suffix.lower()
            if suffix not in PROSE | SOURCE or not 200 <= member.size <= MAX_FILE_BYTES:
                continue
            text = tar.extractfile(member).read().decode('utf-8', 'replace').replace('\r\n', '\n')
            key = hashlib.sha256(text.encode()).hexdigest()
            if '\ufffd' in text or key in seen or not readable(member.name, text):
                continue
            seen.add(key)
            docs.append({'package': name, 'path': member.name.split('/', 1)[1], 'kind': 'prose' if suffix in PROSE else 'source', 'text': text})
            size += len(text.encode())
            if size >= MAX_PACKAGE_BYTES:
                break
    return manifest, docs


def page(rows: list[tuple]) -> str:
    lines = [
        '# Corpus of the micro pair',
        '',
        'README and source files of these npm packages, as `npm pack` delivers them (`models/recipe/corpus.py` is the exact selection).',
        'Each package was taken only because its `license` field is one of: ' + ', '.join(sorted(LICENSES)) + '.',
        '',
        '| package | version | licence | files | bytes |',
        '|---|---|---|---:|---:|',
        *(f'| {" | ".join(map(str, row))} |' for row in rows),
        f'| **{len(rows)} packages** | | | {sum(r[3] for r in rows)} | {sum(r[4] for r in rows)} |',
    ]
    return '\n'.join(lines) + '\n'


def main() -> None:
    WORK.mkdir(exist_ok=True)
    seen: set[str] = set()
    rows, total = [], []
    for package in PACKAGES:
        name = package.rpartition('@')[0]
        manifest, docs = documents(name, fetch(package), seen)
        if manifest.get('license') not in LICENSES or not docs:
            print(f'left out: {name} (licence {manifest.get("license")!r}, {len(docs)} files)')
            continue
        for doc in docs:
            doc['description'] = manifest.get('description', '')
        rows.append((name, manifest['version'], manifest['license'], len(docs), sum(len(doc['text'].encode()) for doc in docs)))
        total += docs
    with open(WORK / 'docs.jsonl', 'w', encoding='utf-8') as out:
        out.writelines(json.dumps(doc, ensure_ascii=False) + '\n' for doc in total)
    CORPUS_PAGE.parent.mkdir(exist_ok=True)
    CORPUS_PAGE.write_text(page(rows), encoding='utf-8')
    print(f'{len(rows)} packages, {len(total)} files, {sum(r[4] for r in rows) / 1e6:.1f} MB')


if __name__ == '__main__':
    main()
