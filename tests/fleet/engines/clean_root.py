"""
The steps of a Containerfile in a clean root, for machines without a builder of images.

The root has the machine's `/usr`, a Python without packages in `/usr/local`, and a small `/etc`,
as an image of Python has. It lives in memory, in a mount namespace: at the end nothing is left.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PATH = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"

# What stands for the base image. `$1` is an empty directory that becomes the root.
BASE = r"""
set -eu
root=$1 python=$2 wheels=$3 context=$4 records=$5 fleet=$6
mount -t tmpfs none "$root"
mkdir -p "$root"/usr "$root"/etc "$root"/proc "$root"/dev "$root"/tmp "$root"/upper "$root"/work \
    "$root"/wheels "$root"/records "$root"/fleet "$root"/context
chmod 1777 "$root"/tmp
for name in bin sbin lib lib64; do cp -P "/$name" "$root/"; done
mount --bind /usr "$root"/usr
mount -o remount,ro,bind "$root"/usr
mount -t overlay none "$root"/usr/local \
    -o "lowerdir=$python,upperdir=$root/upper,workdir=$root/work"
packages=$(echo "$root"/usr/local/lib/python3.*/site-packages)
pip=$(echo "$python"/lib/python3.*/site-packages/pip)
mount -t tmpfs none "$packages"
cp -r "$pip" "$packages/"
printf '#!/bin/sh\nexec python3 -m pip "$@"\n' > "$root"/usr/local/bin/pip
rm -f "$root"/usr/local/bin/smoke
cp /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/login.defs "$root"/etc/
mkdir "$root"/etc/ld.so.conf.d
echo /usr/local/lib > "$root"/etc/ld.so.conf.d/python.conf
echo 'include /etc/ld.so.conf.d/*.conf' > "$root"/etc/ld.so.conf
mount --rbind /proc "$root"/proc
mount --rbind /dev "$root"/dev
mount --bind "$wheels" "$root"/wheels
mount --bind "$context" "$root"/context
chroot "$root" /sbin/ldconfig
"""

# What an engine adds when it starts the image: a read-only root, and what is mounted there.
READ_ONLY = r"""
mount --bind "$records" "$root"/records
chown 10001:10001 "$root"/records
mount --bind "$fleet" "$root"/fleet
mount -o remount,ro "$packages"
mount -o remount,ro "$root"/usr/local
mount -t tmpfs -o mode=1777 none "$root"/tmp
mount -o remount,ro "$root"
"""


@dataclass(frozen=True)
class Image:
    """What a Containerfile says: commands as root, then the user, the place and the variables."""

    arguments: dict[str, str]
    commands: tuple[str, ...]
    user: str
    workdir: str
    environ: dict[str, str]

    def script(self, start: str, environ: dict[str, str]) -> str:
        """The shell script that makes the root, runs the steps, and starts a command in it."""
        build = {"PATH": PATH, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels", **self.arguments}
        steps = [f'chroot "$root" {_command(build, text)}' for text in self.commands]
        run = _command({"PATH": PATH, **self.environ, **environ}, f"cd {self.workdir}\n{start}")
        enter = f'exec chroot --userspec={self.user} "$root" {run}'
        return "\n".join([BASE, *steps, READ_ONLY, enter])


def _command(environ: dict[str, str], text: str) -> str:
    assigned = [f"{name}={value}" for name, value in environ.items()]
    return shlex.join(["/usr/bin/env", "-i", *assigned, "/bin/sh", "-ec", text])


def read(path: Path) -> Image:
    """
    A Containerfile; the only copy that it knows is that of the whole context.

    Raises:
        ValueError: it has an instruction that this reader does not know.
    """
    text = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    arguments: dict[str, str] = {}
    environ: dict[str, str] = {}
    commands, user, workdir = [], "0:0", "/"
    for line in filter(None, text.replace("\\\n", " ").splitlines()):
        word, _, rest = line.partition(" ")
        if word == "ARG":
            arguments |= dict([rest.split("=", 1)])
        elif word == "RUN":
            commands.append(rest)
        elif word == "COPY":
            source, place = rest.split()
            assert source == "."
            commands.append(f"cp -r /context/. {place}")
        elif word == "ENV":
            environ |= dict(pair.split("=", 1) for pair in rest.split())
        elif word == "USER":
            user = rest
        elif word == "WORKDIR":
            workdir = rest
        elif word not in ("FROM", "VOLUME", "CMD"):
            raise ValueError(f"{path}: unknown instruction {word!r}")
    return Image(arguments, tuple(commands), user, workdir, environ)


@dataclass(frozen=True)
class Mounts:
    """What comes into the root from outside."""

    wheels: Path
    context: Path
    records: Path
    fleet: Path

    def run(self, image: Image, start: str, root: Path, **environ: str) -> str:
        """Build the root, start a command in it as the image's user, and return its output."""
        words = [shutil.which("unshare") or "unshare", "--mount", "/bin/sh", "-c"]
        places = [root, sys.base_prefix, self.wheels, self.context, self.records, self.fleet]
        done = subprocess.run(  # noqa: S603  (the project's own Containerfile)
            [*words, image.script(start, environ), "sh", *map(str, places)],
            capture_output=True, text=True, check=False, timeout=500,
        )  # fmt: skip
        return f"{done.stdout}{done.stderr}\ncode {done.returncode}"


def why_not() -> str:
    """Why this machine makes no clean root; empty where it does."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root of Linux mounts a root"
    if "overlay" not in Path("/proc/filesystems").read_text(encoding="ascii"):
        return "this kernel has no overlay file system"
    return ""
