#!/bin/sh
# One cell of the matrix: matrix.sh SOURCES WORK COMPILER STANDARD "OPTIONS"
# Compiles each WORK/<group>/kernels.c (written by looprun --emit) with compare.c and runs the group's script.
# Exit code 77 where there is no such compiler.
set -eu
sources=$1 work=$2 compiler=$3 standard=$4 options=$5
command -v "$compiler" >/dev/null 2>&1 || exit 77
case $compiler in
*++*) language="-x c++" ;;
*) language="-x c" ;;
esac
out=$(mktemp -d "$work/cell.XXXXXX")
trap 'rm -rf "$out"' EXIT
for folder in "$work"/*/; do
    [ -f "$folder/kernels.c" ] || continue
    # shellcheck disable=SC2086 # options are words
    "$compiler" $language -std="$standard" -Wall -Wextra -Werror $options -c "$folder/kernels.c" -o "$out/kernels.o"
    # shellcheck disable=SC2086
    "$compiler" $language -std="$standard" -I"$folder" -c "$sources/compare.c" -o "$out/compare.o"
    "$compiler" "$out/kernels.o" "$out/compare.o" -o "$out/compare"
    echo "$(basename "$folder"):"
    "$out/compare" "$folder/script.bin"
done
