#!/bin/sh
# Make a virtual environment, or bring it up to date.
#
#   tools/setup.sh FOLDER REQUIREMENTS...
#
# Each REQUIREMENTS file is installed in turn. A copy of it is kept in FOLDER once that is done,
# and a file equal to its copy is not installed again. An installation that was interrupted leaves
# its marker behind, and the next call starts the environment anew. A step that fails says how to
# mend it.
set -eu

folder=$1
shift
python="$folder/bin/python"
marker="$folder/installing"

is_recent='import sys; sys.exit(sys.version_info < (3, 11))'

runs() { # PYTHON CODE: does this interpreter exist, and does the code succeed in it?
    command -v "$1" >/dev/null 2>&1 && "$1" -c "$2" >/dev/null 2>&1
}

fail() { # LINES: say what is wrong and how to mend it, and end.
    printf '%s\n' "$@" >&2
    exit 1
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
        "python3.12, python3.11 or python3. Install one (on Debian and Ubuntu:" \
        "apt-get install python3 python3-venv) and try again." >&2
    return 1
}

if [ -e "$marker" ] || ! runs "$python" "$is_recent"; then
    interpreter=$(find_python)
    echo "Making $folder with $("$interpreter" --version)"
    "$interpreter" -m venv --clear "$folder" || fail \
        "$folder could not be made." \
        "Is there room on the disk, and may you write here? Free some, or mend the rights of the" \
        "folder $(pwd), and run the same command again."
fi
runs "$python" 'import pip' || "$python" -m ensurepip >/dev/null || fail \
    "pip could not be set up in $folder. Delete that folder and run the same command again."

for requirements in "$@"; do
    stamp="$folder/installed-$(basename "$requirements")"
    cmp -s "$requirements" "$stamp" && continue
    [ -r "$requirements" ] || fail \
        "There is no file $requirements to install from; git checkout -- requirements brings it back."
    echo "Installing $requirements into $folder"
    : >"$marker"
    # Every pin carries hashes, but for those of the benchmarks (bench.txt says why).
    case $requirements in
        *bench.txt) hashes= ;;
        *) hashes=--require-hashes ;;
    esac
    "$python" -m pip install --quiet --no-input --disable-pip-version-check $hashes \
        -r "$requirements" || fail \
        "" \
        "$requirements could not be installed into $folder; pip says above what failed." \
        "- No connection, or a proxy in between: set HTTPS_PROXY, or PIP_INDEX_URL to a mirror that" \
        "  you can reach; without a network, PIP_NO_INDEX=1 and PIP_FIND_LINKS=folder of wheels." \
        "- A hash that doesn't fit: a mirror changed a file, or the pins are older than the mirror;" \
        "  make requirements compiles them anew." \
        "- No wheel for this Python or machine: try another Python from 3.11 to 3.13." \
        "Then run the same command again; it starts $folder anew."
    rm "$marker"
    cp "$requirements" "$stamp"
done
