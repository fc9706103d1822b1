"""Where blocks are solved: in processes of this machine, or on a dask cluster."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from joblib import parallel_config

from gridopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

_PATIENCE_S = 20
_TRIES = 3


@contextlib.contextmanager
def processes(workers: int) -> Iterator[None]:
    """Let joblib use worker processes, one thread in each.

    Threads inside one would only fight over the cores.
    """
    with parallel_config(
        "loky",
        n_jobs=workers,
        inner_max_num_threads=1,
        temp_folder=_plain_folder(),
        max_nbytes=None,
    ):
        yield


def _plain_folder() -> str | None:
    """Find a temporary folder with a name of ASCII letters alone.

    joblib can use no other, and somebody with a Chinese user name has another.
    """
    told = (os.environ.get(name) for name in ("PUBLIC", "ProgramData"))
    for folder in (tempfile.gettempdir(), *told, "/tmp", "/var/tmp"):
        if folder and folder.isascii() and os.access(folder, os.W_OK):
            return str(Path(folder))
    return None


@contextlib.contextmanager
def cluster(address: str) -> Iterator[None]:
    """Let joblib use the workers of a dask cluster.

    Raises
    ------
    InputError
        Where dask is not installed or no scheduler with workers answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "使用集群（--scheduler）需要 dask，尚未安装。请执行 "
            "pip install 'gridopt[cluster]'，或改用 --workers。",
            "A cluster (--scheduler) needs dask, which is not installed: run "
            "pip install 'gridopt[cluster]', or use --workers.",
        ) from None
    try:
        _check_address(address)
        client = _connect(Client, address)
    except Exception as fault:  # dask has many ways to fail, TypeErrors among them
        raise _unreachable(address, str(fault) or type(fault).__name__) from None
    with contextlib.ExitStack() as at_end:
        at_end.callback(_close, client)
        if not client.scheduler_info()["workers"]:
            raise _unreachable(address, "no workers")
        with parallel_config("dask", client=client):
            yield


def _connect(make: type[Client], address: str) -> Client:
    """Connect to a scheduler.

    dask asserts that its thread runs within ten seconds, which it may miss on a busy
    machine: then it is asked again.
    """
    for n_left in reversed(range(_TRIES)):
        client = make.__new__(make)
        try:
            make.__init__(client, address, timeout=_PATIENCE_S, set_as_default=False)
        except BaseException as fault:
            # left to the sweeping of memory, its end may wait for a lock held there
            _close(client)
            if n_left and isinstance(fault, AssertionError):
                continue
            raise
        break
    return client


def _close(client: Client) -> None:
    """Let go of a cluster; what goes wrong then changes nothing that was found."""
    with contextlib.suppress(Exception):
        client.close()


def _check_address(address: str) -> None:
    """Refuse at once what names no host or no port: dask would assert it, or wait."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if not (parts.hostname and parts.port):
        raise ValueError("no host and port")


def _unreachable(address: str, reason: str) -> InputError:
    return InputError(
        f"dask 调度器“{address}”没有应答或没有计算节点（{reason}）。"
        "请核对地址（如 tcp://10.0.0.5:8786），或改用 --workers。",
        f"No dask scheduler with workers answers at {address!r} ({reason}): check the "
        "address, such as tcp://10.0.0.5:8786, or use --workers.",
    )
