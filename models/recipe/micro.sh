#!/bin/sh
# Makes the micro pair from nothing; training resumes where it stopped.
set -e
cd "$(dirname "$0")"
[ -f .work/docs.jsonl ] || python corpus.py
[ -f .work/train.npy ] || python micro_data.py
python micro_train.py
python micro_export.py
