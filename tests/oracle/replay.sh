#!/bin/sh
# replay.sh SOURCES EMITTED COMPILER: compiles what oracle --emit wrote and runs its script.
set -eu
sources=$1 emitted=$2 compiler=$3
cd "$emitted"
"$compiler" -std=c99 -O1 -I. -o replay "$sources/replay.c" ./*.c
./replay script.bin
