# Sourced by scripts that need things which a fresh machine lacks. Not run by itself.

# Whether missing system packages are installed; `--install` and a CI set it.
install_missing=no
[ "${CI:-}" = true ] && install_missing=yes

# Installs a Debian package, where that is wanted, or says that it is missing and ends.
provide() { # what is missing, Debian package
    if [ "$install_missing" = yes ] && command -v apt-get >/dev/null; then
        echo "installing $2" >&2
        # Some packages start a service when they arrive; RUNLEVEL=1 asks them not to.
        apt-get update -qq >&2 &&
            RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$2" >/dev/null
    else
        echo "Error: the tests need $1 (Debian package $2)." >&2
        echo "Hint: install it, or run scripts/test --install." >&2
        exit 3
    fi
}
