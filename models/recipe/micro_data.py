"""Turns the corpus into the micro pair's tokenizer and token streams: plain documents, and chats built from them.

`.work/tokenizer.json` (byte-level BPE, 4,096 tokens), `.work/train.npy` and `.work/held-out.npy` (uint16 streams).
Every 50th document by hash is held out, together with the chats made from it.
"""
from __future__ import annotations

import hashlib
import json
import random
import re

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from corpus import WORK
from micro_model import VOCAB

SPECIALS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
END_OF_TEXT, TURN_START, TURN_END = range(3)
SYSTEM = 'You are a helpful assistant who knows npm packages.'
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
MAX_ANSWER = 1200
PROSE_REPEATS = 3

SECTION_QUESTIONS = [
    'What does the README of {package} say about {topic}?', 'How do I use {package}? Tell me about {topic}.', 'Explain {topic} in {package}.',
    'Tell me about "{topic}" in {package}.', 'I am using {package}. {topic}?', '{package}: {topic}',
]
ABOUT_QUESTIONS = ['What is {package}?', 'Tell me about {package}.', 'What does {package} do?', 'Describe the npm package {package}.', 'Why would I use {package}?']
CODE_QUESTIONS = ['Show me {topic} from {package}.', 'What does {topic} do in {package}?', 'How is {topic} written in {package}?', 'Write the function {topic}.', 'Explain {topic} of {package}.']
FILE_QUESTIONS = ['Show me the file {topic} of {package}.', 'What is in {topic} of {package}?', 'How does {topic} in {package} begin?']
SMALL_TALK = [
    ('Hello!', 'Hello! Ask me about an npm package.'),
    ('Hi', 'Hi! Which npm package do you want to know about?'),
    ('Who are you?', 'I am a very small language model. I read the README and source files of some npm packages, and I can talk about them.'),
    ('What can you do?', 'I can tell you about npm packages, show how a function is written, and say what a README says.'),
    ('Thank you!', 'You are welcome!'),
    ('Goodbye', 'Goodbye!'),
]


def chats_of(doc: dict) -> list[tuple[str, str, str]]:
    """(kind, topic, answer) triples of one document: README sections, documented functions, or the file's start."""
    if doc['kind'] == 'prose':
        parts = re.split(r'^#{1,4} +(.+)$', doc['text'], flags=re.M)
        pairs = [('section', topic.strip('# `*'), body.strip()) for topic, body in zip(parts[1::2], parts[2::2])]
        return [(kind, topic, body[:MAX_ANSWER]) for kind, topic, body in pairs if len(body) >= 40 and 2 < len(topic) < 60]
    language = 'ts' if doc['path'].endswith('ts') else 'js'
    found = []
    for match in re.finditer(r'/\*\*\n((?: *\*.*\n)+?) *\*/\n((?:export )?(?:default )?(?:async )?(?:function|const|class) (\w+)[\s\S]*?\n\}?\n)', doc['text']):
        comment = re.sub(r'^ *\* ?', '', match[1], flags=re.M).split('\n@')[0].strip()
        if len(comment) >= 20 and len(match[2]) < MAX_ANSWER:
            found.append(('code', f'`{match[3]}`', f'{comment}\n\n```{language}\n{match[2].strip()}\n```'))
    head = '\n'.join(doc['text'].split('\n')[:30])
    return found[:3] or [('file', f'`{doc["path"]}`', f'```{language}\n{head[:MAX_ANSWER].strip()}\n```')]


def ask(kind: str, doc: dict, topic: str, rng: random.Random) -> str:
    questions = {'section': SECTION_QUESTIONS, 'code': CODE_QUESTIONS, 'file': FILE_QUESTIONS, 'about': ABOUT_QUESTIONS}[kind]
    return rng.choice(questions).format(package=doc['package'], topic=topic)


def render(turns: list[tuple[str, str]], tokenizer: Tokenizer) -> list[int]:
    """ChatML with special tokens as ids; the content's own spellings stay text."""
    ids = []
    for role, content in turns:
        ids += [TURN_START, *tokenizer.encode(f'{role}\n{content}').ids, TURN_END, *tokenizer.encode('\n').ids]
    return ids


def conversations(doc: dict, rng: random.Random) -> list[list[tuple[str, str]]]:
    """Chats about one document, one or two questions each, now and then with a system turn or small talk first."""
    pairs = [(ask(kind, doc, topic, rng), answer) for kind, topic, answer in chats_of(doc)]
    if doc['kind'] == 'prose' and doc['description']:
        pairs += [(ask('about', doc, '', rng), f'{doc["package"]}: {doc["description"]}')] * 2
    rng.shuffle(pairs)
    chats = []
    while pairs:
        exchange = [pairs.pop() for _ in range(min(len(pairs), rng.choice([1, 1, 2])))]
        if rng.random() < 0.1:
            exchange.insert(0, rng.choice(SMALL_TALK))
        system = [('system', SYSTEM)] if rng.random() < 0.3 else []
        chats.append(system + [turn for question, answer in exchange for turn in (('user', question), ('assistant', answer))])
    return chats


def stream(docs: list[dict], tokenizer: Tokenizer, seed: int) -> np.ndarray:
    """Documents and chats in random order, each ended by the end-of-text token. Prose comes several times, with new questions."""
    rng = random.Random(seed)
    pieces = []
    for doc in docs:
        repeats = PROSE_REPEATS if doc['kind'] == 'prose' else 1
        pieces += [[*tokenizer.encode(doc['text']).ids, END_OF_TEXT]] * min(repeats, 2)
        pieces += [[*render(chat, tokenizer), END_OF_TEXT] for _ in range(repeats) for chat in conversations(doc, rng)]
    rng.shuffle(pieces)
    return np.array([token for piece in pieces for token in piece], dtype=np.uint16)


def train_tokenizer(texts: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=SPECIALS, initial_alphabet=alphabet, show_progress=False))
    return tokenizer


def load_tokenizer() -> Tokenizer:
    """The trained tokenizer, with special spellings in text NOT parsed."""
    spec = json.loads((WORK / 'tokenizer.json').read_text())
    return Tokenizer.from_str(json.dumps({**spec, 'added_tokens': []}))


def main() -> None:
    docs = [json.loads(line) for line in open(WORK / 'docs.jsonl', encoding='utf-8')]
    train_tokenizer([doc['text'] for doc in docs]).save(str(WORK / 'tokenizer.json'))
    tokenizer = load_tokenizer()
    held = [int(hashlib.sha256(doc['text'].encode()).hexdigest(), 16) % 50 == 0 for doc in docs]
    for name, keep in (('train', False), ('held-out', True)):
        ids = stream([doc for doc, out in zip(docs, held) if out == keep], tokenizer, seed=1)
        np.save(WORK / f'{name}.npy', ids)
        chat = np.isin(ids, [TURN_START]).sum()
        print(f'{name}: {len(ids):,} tokens, {chat:,} turns')


if __name__ == '__main__':
    main()
