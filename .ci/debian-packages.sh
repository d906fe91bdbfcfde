#!/usr/bin/env bash
# Installs the Debian packages that pip and npm do not have:
#   bubblewrap   the sandbox in which learners' notebooks are graded
#   libseccomp2  the list of system calls that they may make there
#   chromium     the browser in which the pages are tested
set -euo pipefail

packages=(bubblewrap libseccomp2 chromium)
missing=()
for package in "${packages[@]}"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    echo "Debian packages: all there (${packages[*]})"
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Run as root to install: ${missing[*]}" >&2
    exit 1
fi
echo "installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
