#!/bin/sh
# Make a virtual environment, or bring it up to date.
#
#   tools/setup.sh FOLDER REQUIREMENTS...
#
# Each REQUIREMENTS file is installed in turn. A copy of it is kept in FOLDER once that is done,
# and a file equal to its copy is not installed again. An installation that was interrupted leaves
# its marker behind, and the next call starts the environment anew.
set -eu

folder=$1
shift
python="$folder/bin/python"
marker="$folder/installing"

is_recent='import sys; sys.exit(sys.version_info < (3, 11))'

runs() { # PYTHON CODE: does this interpreter exist, and does the code succeed in it?
    command -v "$1" >/dev/null 2>&1 && "$1" -c "$2" >/dev/null 2>&1
}

find_python() {
    for candidate in python3.13 python3.12 python3.11 python3; do
        if runs "$candidate" "$is_recent" && runs "$candidate" 'import ensurepip, venv'; then
            echo "$candidate"
            return
        fi
    done
    for candidate in python3.13 python3.12 python3.11 python3; do
        if runs "$candidate" "$is_recent"; then
            echo "$candidate can't make virtual environments: install its venv package" \
                "(on Debian and Ubuntu: apt-get install python3-venv)." >&2
            return 1
        fi
    done
    echo "Gate Explorer needs Python 3.11 or newer, and none was found as python3.13," \
        "python3.12, python3.11 or python3." >&2
    return 1
}

if [ -e "$marker" ] || ! runs "$python" "$is_recent"; then
    interpreter=$(find_python)
    echo "Making $folder with $("$interpreter" --version)"
    "$interpreter" -m venv --clear "$folder"
fi
runs "$python" 'import pip' || "$python" -m ensurepip >/dev/null

for requirements in "$@"; do
    stamp="$folder/installed-$(basename "$requirements")"
    cmp -s "$requirements" "$stamp" && continue
    echo "Installing $requirements into $folder"
    : >"$marker"
    # Every pin carries hashes, but for those of the benchmarks (bench.txt says why).
    case $requirements in
        *bench.txt) hashes= ;;
        *) hashes=--require-hashes ;;
    esac
    "$python" -m pip install --quiet --no-input --disable-pip-version-check $hashes \
        -r "$requirements"
    rm "$marker"
    cp "$requirements" "$stamp"
done
