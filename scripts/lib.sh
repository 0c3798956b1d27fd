# Shared by the scripts of this folder: messages, and what Debian may have to add.

say() { printf '%s\n' "$*" >&2; }

# root COMMAND…: run it as root if this user may, else fail without asking for a password.
root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
  else return 1
  fi
}

# debian PACKAGE…: install Debian packages; false, with the command to type, where it may not.
debian() {
  if ! command -v apt-get >/dev/null 2>&1; then
    say "This is not Debian: install the counterpart of '$*' with the system's own tool."
    return 1
  fi
  say "Installing from Debian: $*"
  if ! root true; then
    say "That needs root. Ask an administrator to run:  apt-get install $*"
    return 1
  fi
  root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 ||
    { root apt-get update -qq >/dev/null 2>&1 &&
      root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; } ||
    { say "Debian could not install: $*"; return 1; }
}
